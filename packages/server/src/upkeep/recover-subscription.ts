import { ApiError } from "../domain/errors.ts";
import { firstIdAt, type NewId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Recovery, RecoveryScope } from "../domain/recovery.ts";
import type { Store } from "../store/store.ts";
import type { SubscriptionKey } from "../store/subscription-store.ts";

export interface RecoveryRequest {
  /** Messages accepted at this time or later … (ms) */
  readonly since: number;
  /** … and before this one. */
  readonly until: number;
}

const day = 24 * 3_600_000;

/** Throws a 422 when the window is longer than the operator allows. An empty window is no mistake. */
export function checkWindow(
  request: RecoveryRequest,
  windowMsMax: number,
  field: string,
  place: "body" | "query" = "body",
): void {
  if (request.until - request.since <= windowMsMax + limits.recoveryWindowSlackMs) return;
  const days = Math.round((windowMsMax / day) * 10) / 10;
  const msg = `Cannot recover more than ${days} days of messages`;
  throw new ApiError("validation_failed", msg, { mistakes: [{ loc: [place, field], msg, type: "window_too_long" }] });
}

/** Stores a recovery of a subscription. The upkeep takes it from there, also after a restart. */
export async function recoverSubscription(
  store: Pick<Store, "countRecoverable" | "createRecovery">,
  newId: NewId,
  key: SubscriptionKey,
  request: RecoveryRequest & { scope: RecoveryScope; now: number },
): Promise<Recovery> {
  const { scope, since, until, now } = request;
  const total = until <= since ? 0 : await store.countRecoverable({ ...key, scope, since, until });
  const recovery: Recovery = {
    id: newId<"recovery">(),
    organizationId: key.organizationId,
    subscriptionId: key.subscriptionId,
    status: total === 0 ? "completed" : "running",
    scope,
    since,
    until,
    total,
    recovered: 0,
    cursor: firstIdAt<"message">(since),
    createdAt: now,
    updatedAt: now,
  };
  await store.createRecovery({ recovery });
  return recovery;
}
