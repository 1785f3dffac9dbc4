import type { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { parseId } from "../../packages/server/src/domain/id.ts";
import { callApi } from "./load.ts";

export interface Reconciliation {
  readonly lost: string[];
  /** Accepted, and not found among the messages. */
  readonly notStored: string[];
  /** Messages that the API still calls pending. */
  readonly pending: number;
  /** Webhooks beyond the first of each message. */
  readonly duplicates: number;
}

/** Deliveries of dead nodes are rescued when their leases have run out, and then delivered. */
const patienceMs = 60_000;

/** Waits until everything is settled, or nothing changes any more, and compares every accepted id with its receipts. */
export async function reconcile(
  accepted: ReadonlySet<string>,
  receiver: Receiver,
  api: { readonly url: string; readonly adminKey: string },
): Promise<Reconciliation> {
  let pending = await countPending(api);
  const until = performance.now() + patienceMs;
  while (performance.now() < until && (pending > 0 || lostOf(accepted, receiver).length > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    pending = await countPending(api);
  }
  const stored = await storedIds(api);
  const receipts = receiver.received.map(({ id }) => id);
  return {
    lost: lostOf(accepted, receiver),
    notStored: [...accepted].filter((id) => !stored.has(id)),
    pending,
    duplicates: receipts.length - new Set(receipts).size,
  };
}

function lostOf(accepted: ReadonlySet<string>, receiver: Receiver): string[] {
  const received = new Set<string | null>(receiver.received.map(({ id }) => parseId<"message">("msg", id)));
  return [...accepted].filter((id) => !received.has(id));
}

async function countPending({ url, adminKey }: { url: string; adminKey: string }): Promise<number> {
  const response = await callApi(url, adminKey, "/webhooks/messages?status=pending&limit=250");
  return ((await response.json()) as unknown[]).length;
}

/** The ids of all messages, as the API lists them. */
export async function storedIds({ url, adminKey }: { url: string; adminKey: string }): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let cursor = ""; ; ) {
    const response = await callApi(url, adminKey, `/webhooks/messages?limit=250${cursor}`);
    const page = (await response.json()) as { id: string }[];
    for (const { id } of page) ids.add(id);
    if (page.length < 250) return ids;
    cursor = `&cursor=${page.at(-1)?.id}`;
  }
}
