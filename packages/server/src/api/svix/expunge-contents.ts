import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { type MessageId, type OrganizationId, parseId } from "../../domain/id.ts";
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
    summary:
      "Delete the payloads of the listed messages, by id or event id. One whose payload was deleted before is `not-found`",
    scope: "write",
    appTokens: "never",
    body: z.object({ ids: z.array(z.string().max(limits.eventIdLengthMax)).max(limits.pageMax).default([]) }),
    bodyBounds: bodyBounds.settings,
    response: z
      .object({ results: z.record(z.string(), z.enum(["expunged", "not-found"])) })
      .meta({ id: "BulkExpungeContentsOut" }),
    handle: async (request) => {
      const { id: organizationId } = await applicationIn(parts.store, request);
      const named = await messagesNamed(parts, organizationId, request.body.ids);
      const messages = [...new Set(named.values())].filter((id) => id !== null);
      const deleted = await deletePayloads(parts, organizationId, messages);
      const results = Array.from(named, ([name, id]) => {
        return [name, id !== null && deleted.has(id) ? "expunged" : "not-found"] as const;
      });
      return { results: Object.fromEntries(results) };
    },
  });
}

/** The message of each id and event id, which may name the same one. Null for names that no message has. */
async function messagesNamed(
  { store }: ApplicationParts,
  organizationId: OrganizationId,
  names: readonly string[],
): Promise<Map<string, MessageId | null>> {
  const found = names.map(async (name) => {
    const id = parseId<"message">("msg", name) ?? (await store.findMessage({ organizationId, eventId: name }))?.id;
    return [name, id ?? null] as const;
  });
  return new Map(await Promise.all(found));
}

/** Returns the messages that had a payload until now. */
async function deletePayloads(
  { store, origin }: ApplicationParts,
  organizationId: OrganizationId,
  messages: readonly MessageId[],
): Promise<Set<MessageId>> {
  const now = origin.now();
  const outcomes = messages.map(async (messageId) => {
    return (await store.deletePayload({ organizationId, messageId, now })) === "deleted" ? [messageId] : [];
  });
  return new Set((await Promise.all(outcomes)).flat());
}
