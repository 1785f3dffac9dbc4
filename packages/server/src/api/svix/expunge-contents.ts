import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { type Route, route } from "../../http/route.ts";
import { startPurge } from "../../upkeep/start-task.ts";
import { applicationIn } from "./application-in-path.ts";
import type { ApplicationParts } from "./applications.ts";
import { startedResponse, taskStarted } from "./background-tasks.ts";

/** Deletes the payloads of many messages. */
export function expungeContentsRoutes(parts: ApplicationParts): Route[] {
  return [expungeAll(parts), expungeSome(parts)];
}

function expungeAll({ store, origin }: ApplicationParts): Route {
  return route({
    method: "POST",
    path: "/app/:app_id/msg/expunge-all-contents",
    operation: "v1.message.expunge-all-contents",
    tag: "Message",
    summary: "Delete the payloads of all messages that an application has received so far",
    scope: "write",
    appTokens: "never",
    response: startedResponse,
    handle: async (request) => {
      const { id } = await applicationIn(store, request);
      return taskStarted(await startPurge(store, id, { newId: origin.newId, now: origin.now() }));
    },
  });
}

function expungeSome(parts: ApplicationParts): Route {
  return route({
    method: "POST",
    path: "/app/:app_id/msg/bulk-expunge",
    operation: "v1.message.bulk-expunge",
    tag: "Message",
    summary: "Delete the payloads of the listed messages, by id or event id",
    scope: "write",
    appTokens: "never",
    body: z.object({ ids: z.array(z.string().max(limits.eventIdLengthMax)).max(limits.pageMax).default([]) }),
    bodyBounds: bodyBounds.settings,
    response: z
      .object({ results: z.record(z.string(), z.enum(["expunged", "not-found"])) })
      .meta({ id: "BulkExpungeContentsOut" }),
    handle: async (request) => {
      const { id: organizationId } = await applicationIn(parts.store, request);
      const results = request.body.ids.map(async (named) => {
        const isDeleted = await deletePayload(parts, organizationId, named);
        return [named, isDeleted ? "expunged" : "not-found"] as const;
      });
      return { results: Object.fromEntries(await Promise.all(results)) };
    },
  });
}

async function deletePayload(
  { store, origin }: ApplicationParts,
  organizationId: OrganizationId,
  named: string,
): Promise<boolean> {
  const id = parseId<"message">("msg", named);
  const messageId = id ?? (await store.findMessage({ organizationId, eventId: named }))?.id;
  if (messageId === undefined) return false;
  return await store.deletePayload({ organizationId, messageId, now: origin.now() });
}
