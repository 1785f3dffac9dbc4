import { z } from "zod";
import type { Caller } from "../../../auth/caller.ts";
import { validationFailed } from "../../../domain/errors.ts";
import { parseId } from "../../../domain/id.ts";
import { limits } from "../../../domain/limits.ts";
import { streamKinds } from "../../../domain/stream-kind.ts";
import { notFound, subscriptionKind } from "../../../http/ids.ts";
import { severalTexts } from "../../../http/query-values.ts";
import { EventStream, type Route, route } from "../../../http/route.ts";
import { streamEvent } from "./stream-schemas.ts";
import type { Streams } from "./streams.ts";

const kinds = z
  .union([z.enum(streamKinds), z.array(z.enum(streamKinds))])
  .transform((value) => (typeof value === "string" ? [value] : value))
  .optional();

const streamQuery = z.object({
  events: kinds.describe("The kinds of events; may be repeated. The default is all."),
  event_types: severalTexts.describe(
    "Only messages of these event types, and attempts for them: names and wildcards such as `sync.*`; may be repeated.",
  ),
  subscription_id: z.string().optional().describe("Only its messages, its attempts, and the subscription itself."),
  payload: z
    .enum(["false", "true", "text"])
    .default("false")
    .describe("Whether messages include their payload: as JSON, or as the accepted text."),
  last_event_id: z.string().optional().describe("An alternative to the header `Last-Event-ID`."),
});

const payloadOptions = { false: "none", true: "json", text: "text" } as const;

export function streamRoutes(streams: Streams): Route[] {
  return [
    route({
      method: "GET",
      path: "/stream",
      operation: "stream",
      tag: "stream",
      summary: "Stream changes as server-sent events when they are committed; a reader can resume where it stopped",
      scope: "read",
      query: streamQuery,
      response: streamEvent,
      mediaType: "text/event-stream",
      handle: async ({ caller, query, headers, recheck }) => {
        const stream = streams.admit({
          organizationId: caller.organizationId,
          kinds: kindsFor(caller, query.events),
          eventTypes: query.event_types ?? null,
          subscriptionId: query.subscription_id === undefined ? null : subscriptionIdIn(query.subscription_id),
          payload: payloadOptions[query.payload],
          lastEventId: lastEventIdIn(headers["last-event-id"], query.last_event_id),
        });
        return new EventStream((out) => stream.run(out, recheck));
      },
    }),
  ];
}

type Kinds = z.output<typeof kinds>;

/** An application's own users see none of its producers. */
function kindsFor({ appToken }: Caller, requested: Kinds): NonNullable<Kinds> {
  const selected = [...new Set(requested ?? streamKinds)];
  return appToken === null ? selected : selected.filter((kind) => kind !== "sync_job");
}

function subscriptionIdIn(text: string) {
  const id = parseId<"subscription">(subscriptionKind.prefix, text);
  if (id === null) throw notFound(subscriptionKind.noun);
  return id;
}

function lastEventIdIn(header: string | string[] | undefined, query: string | undefined): string | null {
  const id = typeof header === "string" && header !== "" ? header : (query ?? "");
  if (id.length <= limits.lastEventIdLengthMax) return id === "" ? null : id;
  throw validationFailed([
    { loc: ["query", "last_event_id"], msg: "This is not an id of a stream's event.", type: "too_long" },
  ]);
}
