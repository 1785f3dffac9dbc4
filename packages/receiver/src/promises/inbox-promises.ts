import { afterEach, describe } from "vitest";
import { createInbox, type Inbox, type InboxOptions, type InboxStore, type InboxStoreOptions } from "../inbox/inbox.ts";
import type { ReceivedEvent } from "../received-event.ts";
import { createRouter, type Handler } from "../router.ts";
import { deadLetterPromises } from "./inbox/dead-letters.ts";
import { begun } from "./inbox/open-inbox.ts";
import { orderPromises } from "./inbox/order.ts";
import { storingPromises } from "./inbox/storing.ts";
import { takingPromises } from "./inbox/taking.ts";
import { heldUpPromises, workingPromises } from "./inbox/working.ts";

/** The promises that an inbox keeps on every store. Each store's test calls this with a way to open an empty one. */
export function inboxPromises(open: (options: InboxStoreOptions) => Promise<InboxStore>): void {
  const inboxes: Inbox[] = [];
  afterEach(async () => {
    for (const inbox of inboxes.splice(0)) await inbox.stop({ graceMs: 0 });
  });

  async function openInbox(handle: Handler<ReceivedEvent>, options: Partial<InboxOptions> = {}) {
    const clock = { ms: begun };
    const store = options.store ?? (await open({ now: () => new Date(clock.ms) }));
    const router = createRouter().onAny(handle);
    const inbox = createInbox({ router, pollMs: 5, onError: () => {}, ...options, store });
    inboxes.push(inbox);
    return { inbox, store, clock };
  }

  describe("storing", () => storingPromises(openInbox));
  describe("working", () => workingPromises(openInbox));
  describe("being blocked", () => heldUpPromises(openInbox));
  describe("order", () => orderPromises(openInbox));
  describe("dead letters", () => deadLetterPromises(openInbox));
  describe("taking", () => takingPromises(open));
}
