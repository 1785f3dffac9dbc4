import type { HealthStatus } from "../../domain/health.ts";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { OperationalEventIds } from "../../domain/operational-event.ts";
import type { DisabledReason, NumberedSecret, SigningSecret, Subscription, Target } from "../../domain/subscription.ts";
import type { Page, PageOf } from "../page.ts";

/**
 * Subscriptions and their signing secrets, which are encrypted at rest. Each change stores its operational events in the same
 * commit; `operationalEventIds` are the ids of their messages.
 */
export interface SubscriptionStore {
  /** `full`: the organization has as many subscriptions as it may. */
  createSubscription(params: NewSubscription): Promise<"created" | "uid_taken" | "full">;
  readSubscription(params: SubscriptionKey): Promise<Subscription | null>;
  /** The subscription with this uid. */
  findSubscription(params: { organizationId: OrganizationId; uid: string }): Promise<Subscription | null>;
  listSubscriptions(
    params: { organizationId: OrganizationId; oldestFirst: boolean } & PageOf<SubscriptionId>,
  ): Promise<Subscription[]>;
  /** Subscriptions, newest first. What the filters leave out costs no more than `limits.examinedForPageMax` of them for a page. */
  searchSubscriptions(params: SearchSubscriptions): Promise<Page<FoundSubscription, SubscriptionId>>;
  /** Whether any enabled subscription would get a message of this type in these channels, filters aside. */
  isWanted(params: {
    organizationId: OrganizationId;
    eventType: string;
    channels: readonly string[] | null;
  }): Promise<boolean>;
  /** Changes the fields that are given. */
  updateSubscription(
    params: SubscriptionKey & { changes: SubscriptionChanges; now: number; operationalEventIds: OperationalEventIds },
  ): Promise<Subscription | "uid_taken" | "not_found">;
  /** Nothing is sent to it from the commit on; its deliveries that wait are cancelled. Answers it as it was. */
  deleteSubscription(
    params: SubscriptionKey & { now: number; operationalEventIds: OperationalEventIds },
  ): Promise<Subscription | null>;

  /** Signing secrets that have not expired, the current one first. */
  readSecrets(params: SubscriptionKey & { now: number }): Promise<SigningSecret[] | null>;
  /** Signing secrets that are kept, expired ones too; none of a subscription that is gone. */
  readKeptSecrets(params: SubscriptionKey): Promise<NumberedSecret[]>;
  /** The new secret signs from now on; those before it sign as well until `overlapUntil` at most. */
  rotateSecret(
    params: SubscriptionKey & {
      secret: string;
      overlapUntil: number;
      now: number;
      operationalEventIds: OperationalEventIds;
    },
  ): Promise<boolean>;
  /** What a request to it is made of; null when it is disabled or deleted. For the delivery engine, so of any tenant. */
  readTarget(params: { subscriptionId: SubscriptionId; now: number }): Promise<Target | null>;
}

export interface NewSubscription {
  readonly subscription: Subscription;
  /** The first of its signing secrets. */
  readonly secret: string;
  /** What lets notices into its destination; encrypted at rest. Null for webhooks and e-mail. */
  readonly destinationKey?: string | null;
  readonly operationalEventIds: OperationalEventIds;
  /** How many the organization may have, this one included. */
  readonly subscriptionsMax: number;
}

export interface SubscriptionKey {
  readonly organizationId: OrganizationId;
  readonly subscriptionId: SubscriptionId;
}

export interface SearchSubscriptions extends PageOf<SubscriptionId> {
  readonly organizationId: OrganizationId;
  /** A part of the URL, the description or the uid; null for any. */
  readonly text: string | null;
  readonly health: HealthStatus | null;
  readonly isDisabled: boolean | null;
}

export interface FoundSubscription extends Subscription {
  /** When the newest attempt began (ms); null when none was made. */
  readonly lastAttemptAt: number | null;
}

export interface SubscriptionChanges {
  readonly uid?: string | null;
  readonly url?: string;
  readonly template?: string | null;
  readonly destinationKey?: string;
  readonly eventTypes?: readonly string[];
  readonly channels?: readonly string[] | null;
  readonly description?: string | null;
  readonly metadata?: Subscription["metadata"];
  readonly filters?: Subscription["filters"];
  readonly headers?: Subscription["headers"];
  readonly retryDelaysMs?: readonly number[] | null;
  readonly ordered?: boolean;
  readonly rateLimit?: number | null;
  readonly disabledReason?: DisabledReason | null;
}
