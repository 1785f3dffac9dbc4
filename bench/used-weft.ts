import type { SubscriptionId } from "../packages/server/src/domain/id.ts";
import { historyTypes, storedHistory } from "./stored-history.ts";
import type { WeftUnderLoad } from "./weft-under-load.ts";

export interface UsedFor {
  /** By event type: its receivers. */
  readonly subscriptions: ReadonlyMap<string, SubscriptionId>;
  readonly until: number;
}

/** Turns a Weft into one after months of use, with this number of messages; it runs before and after. */
export async function storeHistory(weft: WeftUnderLoad, count: number): Promise<UsedFor> {
  const { installation } = weft;
  const organizationId = await weft.firstOrganizationId();
  const subscriptions = new Map<string, SubscriptionId>();
  for (const type of Object.values(historyTypes)) {
    subscriptions.set(type, await weft.subscribe(0, { eventTypes: [type] }));
  }
  await installation.stop();
  const until = Date.now() - 60_000;
  await installation.store(storedHistory({ count, organizationId, subscriptions, until }));
  await installation.start();
  return { subscriptions, until };
}
