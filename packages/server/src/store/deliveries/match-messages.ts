import { matchesPattern } from "../../domain/event-pattern.ts";
import type { Message } from "../../domain/message.ts";
import { anyMessage } from "../messages/interface.ts";
import { listMessages } from "../messages/list-messages.ts";
import type { ReadContext } from "../sql.ts";
import type { MatchedMessage, MatchMessages, ShownMismatch } from "./interface.ts";
import { type SelectingSettings, shownMismatches } from "./mismatches.ts";

export async function matchMessages(context: ReadContext, params: MatchMessages): Promise<MatchedMessage[]> {
  const { settings, limit } = params;
  const messages = await readNewest(context, params);
  return messages
    .filter(({ eventType }) => settings.eventTypes.some((pattern) => matchesPattern(pattern, eventType)))
    .slice(0, limit)
    .map((message) => ({ message, mismatch: mismatchOf(message, settings) }));
}

function mismatchOf(message: Message, settings: SelectingSettings): ShownMismatch | null {
  const [mismatch = null] = shownMismatches(message, [settings]);
  // Without filters, the payload does not matter.
  return mismatch?.kind === "payload_deleted" && settings.filters === null ? null : mismatch;
}

/** The newest messages of all types, and of the named types, which may be rare. */
async function readNewest(context: ReadContext, { organizationId, namedTypes, limit }: MatchMessages) {
  const params = { ...anyMessage, organizationId, includesTests: false, cursor: null, limit };
  const newest = await listMessages(context, params);
  const named =
    namedTypes.length === 0 ? { items: [] } : await listMessages(context, { ...params, eventTypes: namedTypes });
  const byId = new Map<string, Message>([...newest.items, ...named.items].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}
