import type { FiltersText } from "./filters.ts";
import { type Health, newHealth } from "./health.ts";
import type { OrganizationId, SubscriptionId } from "./id.ts";
import { limits } from "./limits.ts";
import { noAccess, type ReceiverAccess } from "./receiver-access.ts";
import type { Target } from "./target.ts";
import type { ThrottleState } from "./throttle-state.ts";

/** Why a subscription receives nothing. */
export type DisabledReason = "by_request" | "gone" | "failing";

/** A subscription has a target, event types, filters and a state. Its secrets are read separately. */
export interface Subscription {
  readonly id: SubscriptionId;
  readonly organizationId: OrganizationId;
  /** The organization's own id of it, unique among its subscriptions. */
  readonly uid: string | null;
  readonly target: Target;
  /** Exact names and wildcards, in the order they were given. */
  readonly eventTypes: readonly string[];
  /** Only messages that were published to one of these channels match; null matches messages with and without channels. */
  readonly channels: readonly string[] | null;
  readonly description: string | null;
  /** Data that the owner stores with it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly filters: FiltersText | null;
  /** Additional headers of every request to it. */
  readonly headers: Readonly<Record<string, string>>;
  /** How requests authenticate to the receiver. */
  readonly access: ReceiverAccess;
  /** The retry schedule: delays between attempts in milliseconds; null for the installation's default. */
  readonly retryDelaysMs: readonly number[] | null;
  /** Sends one delivery at a time in message order. The next one starts after success or permanent failure. */
  readonly ordered: boolean;
  /** The rate limit in deliveries per second over all nodes, 1 to `limits.rateLimitMax`; null without a limit. */
  readonly rateLimit: number | null;
  /** Whether requests to it contain the trace context of their message. */
  readonly sendsTraceContext: boolean;
  /** A number that clients of Svix's API store with it; Weft does not use it. */
  readonly version: number;
  /** Null while it is enabled. */
  readonly disabledReason: DisabledReason | null;
  /** When it was disabled (Unix ms); null while it is enabled. */
  readonly disabledAt: number | null;
  readonly health: Health;
  /** Why its deliveries are waiting; null when they are not. */
  readonly throttleState: ThrottleState | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The version of a subscription for which a client set none. */
export const initialVersion = 1;

type Required = Pick<Subscription, "id" | "organizationId" | "target" | "eventTypes" | "createdAt">;

export function newSubscription(given: Required & Partial<Subscription>): Subscription {
  return {
    uid: null,
    channels: null,
    description: null,
    metadata: {},
    filters: null,
    headers: {},
    access: noAccess,
    retryDelaysMs: null,
    ordered: false,
    rateLimit: null,
    sendsTraceContext: false,
    version: initialVersion,
    disabledReason: null,
    disabledAt: (given.disabledReason ?? null) === null ? null : given.createdAt,
    health: newHealth,
    throttleState: null,
    updatedAt: given.createdAt,
    ...given,
  };
}

/** A signing secret, `whsec_`, or an Ed25519 private key, `whsk_`. All that have not expired sign, the newest first. */
export interface SigningSecret {
  readonly secret: string;
  readonly createdAt: number;
  /** Null for the current one. */
  readonly expiresAt: number | null;
}

/** A secret with its number in the sequence of its subscription's secrets, from 1. */
export interface NumberedSecret extends SigningSecret {
  readonly position: number;
}

/**
 * The stored secrets that signed at a time (Unix ms), the newest first. Null when that is unknown: a secret that may have
 * signed then was removed since, or a node may not yet have received the rotation before.
 */
export function secretsAt(kept: readonly NumberedSecret[], at: number): readonly SigningSecret[] | null {
  const newestFirst = kept.toSorted((a, b) => b.position - a.position);
  const [newest] = newestFirst;
  if (newest === undefined) return null;
  // Rotations remove only expired secrets. Every secret that signed after the last removal is therefore stored.
  const isComplete = newestFirst.at(-1)?.position === 1 || newest.createdAt <= at;
  const isHeard = newestFirst.every(
    ({ position, createdAt }) => position === 1 || createdAt > at || createdAt <= at - limits.changesHeardMsMax,
  );
  if (!isComplete || !isHeard) return null;
  const live = newestFirst.filter(
    ({ createdAt, expiresAt }) => createdAt <= at && (expiresAt === null || expiresAt > at),
  );
  return live.length === 0 ? null : live.map(({ position: _, ...secret }) => secret);
}

const reasonSentences: Record<DisabledReason, string> = {
  by_request: "Disabled by request.",
  gone: "The endpoint returned 410 Gone.",
  failing: "Every delivery failed for five days.",
};

export function disabledSentence(reason: DisabledReason | null): string | null {
  return reason === null ? null : reasonSentences[reason];
}
