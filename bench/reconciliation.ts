import { type MessageId, prefixed } from "../packages/server/src/domain/id.ts";
import type { Receipts } from "./receiver.ts";

/** An expected webhook: an accepted event on its way to one hook. Times by the machine's clock. */
export interface Expected {
  readonly messageId: MessageId;
  readonly hook: number;
  /** The time when the event should have been posted, and when its acceptance was known. */
  readonly dueAt: number;
  readonly answeredAt: number;
}

/** Every expected webhook compared with every received one, by id and hook. */
export interface Reconciliation {
  /** Expected and never received. */
  readonly lost: number;
  /** Webhooks received beyond the first of each. */
  readonly duplicates: number;
  /** Received, although the publisher got no success response. */
  readonly unexpected: number;
  readonly received: readonly Received[];
}

/** An expected webhook, and the time of its first receipt. */
export interface Received extends Expected {
  readonly receivedAt: number;
}

export function reconcile(expected: readonly Expected[], receipts: Receipts): Reconciliation {
  const first = new Map<string, number>();
  for (const [index, id] of receipts.ids.entries()) {
    const key = `${id} ${receipts.hooks[index]}`;
    if (!first.has(key)) first.set(key, receipts.receivedAt[index] ?? 0);
  }
  const came = first.size;
  const received: Received[] = [];
  for (const webhook of expected) {
    const key = `${prefixed("msg", webhook.messageId)} ${webhook.hook}`;
    const receivedAt = first.get(key);
    first.delete(key);
    if (receivedAt !== undefined) received.push({ ...webhook, receivedAt });
  }
  return {
    lost: expected.length - received.length,
    duplicates: receipts.ids.length - came,
    // The remaining ones were not expected.
    unexpected: first.size,
    received,
  };
}
