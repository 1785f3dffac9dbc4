import { ApiError } from "../domain/errors.ts";
import { firstIdAt, type NewId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { type Recovery, type RecoveryScope, type RecoveryWindow, windowMistake } from "../domain/recovery.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Store } from "../store/store.ts";
import type { SubscriptionKey } from "../store/subscriptions/interface.ts";

/** Throws a 422 for a window that no recovery may have. An empty window is valid. */
export function checkWindow(
  window: RecoveryWindow,
  bounds: { readonly now: number; readonly windowMsMax: number },
  field: string,
  location: "body" | "query" = "body",
): void {
  const mistake = windowMistake(window, bounds);
  if (mistake === null) return;
  const { msg, type } = mistake;
  throw new ApiError("validation_failed", msg, { mistakes: [{ loc: [location, field], msg, type }] });
}

/** Throws a 409 for a subscription that a recovery could send nothing to. */
export function requireEnabled({ disabledReason }: Pick<Subscription, "disabledReason">, noun: string): void {
  if (disabledReason === null) return;
  throw new ApiError("subscription_disabled", `The ${noun} is disabled. Enable it, then recover its messages.`);
}

/**
 * Stores a recovery of a subscription, which the upkeep then runs, also after a restart. Null at the limit of running
 * recoveries.
 */
export async function startRecovery(
  store: Pick<Store, "createRecovery">,
  newId: NewId,
  key: SubscriptionKey,
  request: RecoveryWindow & { scope: RecoveryScope; now: number },
): Promise<Recovery | null> {
  const { scope, since, until, now } = request;
  const isEmpty = until <= since;
  const recovery: Recovery = {
    id: newId<"recovery">(),
    organizationId: key.organizationId,
    subscriptionId: key.subscriptionId,
    status: isEmpty ? "completed" : "running",
    scope,
    since,
    until,
    total: isEmpty ? 0 : null,
    counted: 0,
    recovered: 0,
    cursor: firstIdAt<"message">(since),
    createdAt: now,
    updatedAt: now,
  };
  return (await store.createRecovery({ recovery })) === "full" ? null : recovery;
}

/** Stores a recovery. Throws a 409 at the limit of running recoveries of the subscription. */
export async function recoverSubscription(...request: Parameters<typeof startRecovery>): Promise<Recovery> {
  const recovery = await startRecovery(...request);
  if (recovery !== null) return recovery;
  throw new ApiError(
    "quota_exceeded",
    `${limits.recoveriesRunningMax} recoveries of this subscription are running. Wait until one ends, or cancel one.`,
  );
}
