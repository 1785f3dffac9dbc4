import { startPurge } from "../../upkeep/start-chore.ts";
import { type Route, route } from "../route.ts";
import { applicationIn } from "./application-in-path.ts";
import type { ApplicationParts } from "./applications.ts";
import { startedAnswer, taskStarted } from "./background-tasks.ts";

export function expungeContentsRoute({ store, origin }: ApplicationParts): Route {
  return route({
    method: "POST",
    path: "/app/:app_id/msg/expunge-all-contents",
    operation: "v1.message.expunge-all-contents",
    tag: "Message",
    summary: "Delete the payloads of all messages that an application has up to now",
    scope: "publish",
    answer: startedAnswer,
    handle: async (request) => {
      const { id } = await applicationIn(store, request);
      return taskStarted(await startPurge(store, id, { newId: origin.newId, now: origin.now() }));
    },
  });
}
