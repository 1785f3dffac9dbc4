import { type MessageId, prefixed } from "../packages/server/src/domain/id.ts";
import type { Sent } from "./load-generator.ts";
import type { Receipts } from "./receiver.ts";

/** Every accepted event against every webhook received, by id. */
export interface Reconciliation {
  /** Accepted and never received. */
  readonly lost: number;
  /** Webhooks received beyond the first of each event. */
  readonly duplicates: number;
  /** Received, though nobody was told that it had been accepted. */
  readonly unexpected: number;
  /** When each accepted event was first received, in the order of `sent`; null for a lost one. */
  readonly receivedAt: readonly (number | null)[];
}

export function reconcile(sent: Sent, receipts: Receipts): Reconciliation {
  const first = new Map<string, number>();
  for (const [index, id] of receipts.ids.entries()) {
    if (!first.has(id)) first.set(id, receipts.receivedAt[index] ?? 0);
  }
  const accepted = new Set<string>();
  const receivedAt = sent.ids.map((uuid) => {
    const id = prefixed("msg", uuid as MessageId);
    accepted.add(id);
    return first.get(id) ?? null;
  });
  return {
    lost: receivedAt.filter((at) => at === null).length,
    duplicates: receipts.ids.length - first.size,
    unexpected: [...first.keys()].filter((id) => !accepted.has(id)).length,
    receivedAt,
  };
}
