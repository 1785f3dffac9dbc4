import type { Destination, OpenDestination } from "./destination.ts";
import type { FiltersText } from "./filters.ts";
import { type Health, newHealth } from "./health.ts";
import type { OrganizationId, SubscriptionId } from "./id.ts";
import { limits } from "./limits.ts";
import type { ThrottleState } from "./throttle-state.ts";

/** Why a subscription gets nothing. */
export type DisabledReason = "by_request" | "gone" | "failing";

/** A URL, the event types it wants, filters and a state. Its secrets are read apart. */
export interface Subscription {
  readonly id: SubscriptionId;
  readonly organizationId: OrganizationId;
  /** The organization's own id of it, unlike that of any other of its subscriptions. */
  readonly uid: string | null;
  /** Where it leads, as it may be shown: of a destination's, only what is no secret. */
  readonly url: string;
  /** Null for webhooks. */
  readonly destination: Destination | null;
  /** Exact names and wildcards, in the order they were given. */
  readonly eventTypes: readonly string[];
  /** Only messages that were published to one of these; null for messages of any channel and of none. */
  readonly channels: readonly string[] | null;
  readonly description: string | null;
  /** Whatever its owner keeps with it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly filters: FiltersText | null;
  /** Extra headers of its own on every request to it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Waits between attempts in milliseconds; null for the installation's. */
  readonly retryDelaysMs: readonly number[] | null;
  /** One delivery at a time in message order, the next after success or final failure. */
  readonly ordered: boolean;
  /** Deliveries a second, 1 to `limits.rateLimitMax`, over all nodes; null for as many as it takes. */
  readonly rateLimit: number | null;
  /** Null while it is enabled. */
  readonly disabledReason: DisabledReason | null;
  /** Since when it is disabled (Unix ms); null while it is enabled. */
  readonly disabledAt: number | null;
  readonly health: Health;
  /** What keeps its deliveries waiting; null when nothing does. */
  readonly throttleState: ThrottleState | null;
  /** When its listener was last heard of (Unix ms); null for a subscription with a URL. */
  readonly listenerHeardAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

type Required = Pick<Subscription, "id" | "organizationId" | "url" | "eventTypes" | "createdAt">;

export function newSubscription(given: Required & Partial<Subscription>): Subscription {
  return {
    uid: null,
    destination: null,
    channels: null,
    description: null,
    metadata: {},
    filters: null,
    headers: {},
    retryDelaysMs: null,
    ordered: false,
    rateLimit: null,
    disabledReason: null,
    disabledAt: (given.disabledReason ?? null) === null ? null : given.createdAt,
    health: newHealth,
    throttleState: null,
    listenerHeardAt: null,
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

/** A secret with its place in the row of all that its subscription ever had: 1 for the first. */
export interface NumberedSecret extends SigningSecret {
  readonly position: number;
}

/**
 * The secrets that signed at a time (Unix ms), the newest first, from those that are kept. Null when nobody can tell: one that
 * may have signed then was removed since, or a node may not yet have heard of the rotation before.
 */
export function secretsAt(kept: readonly NumberedSecret[], at: number): readonly SigningSecret[] | null {
  const newestFirst = kept.toSorted((a, b) => b.position - a.position);
  const [newest] = newestFirst;
  if (newest === undefined) return null;
  // Rotations remove what had expired by then, so nothing is missing that signed after the last of them.
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

/** What a request to a subscription is made of. */
export interface Target {
  readonly subscriptionId: SubscriptionId;
  readonly organizationId: OrganizationId;
  readonly url: string;
  /** Null for webhooks. */
  readonly destination: OpenDestination | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly SigningSecret[];
  readonly retryDelaysMs: readonly number[] | null;
}

const reasonSentences: Record<DisabledReason, string> = {
  by_request: "Disabled by request.",
  gone: "The endpoint answered 410 Gone.",
  failing: "Every delivery failed for five days.",
};

export function disabledSentence(reason: DisabledReason | null): string | null {
  return reason === null ? null : reasonSentences[reason];
}
