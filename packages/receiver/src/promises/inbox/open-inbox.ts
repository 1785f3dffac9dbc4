import type { Inbox, InboxOptions, InboxStore } from "../../inbox/inbox.ts";
import { parseEvent, type ReceivedEvent } from "../../received-event.ts";
import type { Handler, MessageContext } from "../../router.ts";

/** The start time of every test. */
export const begun = new Date("2025-01-15T14:30:00Z").getTime();

/** Opens an inbox with a handler, on an empty store whose clock the test moves. */
export type OpenInbox = (
  handle: Handler<ReceivedEvent>,
  options?: Partial<InboxOptions>,
) => Promise<{ inbox: Inbox; store: InboxStore; clock: { ms: number } }>;

/** An event with its context, as a router gets them. */
export function messageOf(id: string, fields: object = {}): [ReceivedEvent, MessageContext] {
  const text = JSON.stringify({ event_type: "sync.completed", ...fields });
  return [parseEvent(text), { messageId: id, timestamp: new Date(begun), text }];
}
