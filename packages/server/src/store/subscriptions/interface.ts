import type { HealthStatus } from "../../domain/health.ts";
import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { OperationalEventIds } from "../../domain/operational-event.ts";
import type { DisabledReason, NumberedSecret, SigningSecret, Subscription } from "../../domain/subscription.ts";
import type { Target } from "../../domain/target.ts";
import type { Page, PageOf, SortedPageOf } from "../page.ts";

/**
 * Subscriptions and their signing secrets, which are encrypted at rest. Each change stores its operational events in the same
 * commit; `operationalEventIds` are the ids of their messages.
 */
export interface SubscriptionStore {
  /** Stores a subscription with its first secret. `full`: the organization has as many as it may have. */
  createSubscription(params: NewSubscription): Promise<"created" | "uid_taken" | "full">;
  /** Returns a subscription, or null. */
  readSubscription(params: SubscriptionKey): Promise<Subscription | null>;
  /** Returns the subscription with this uid, or null. */
  findSubscription(params: { organizationId: OrganizationId; uid: string }): Promise<Subscription | null>;
  /** Lists the subscriptions of an organization, newest first unless `oldestFirst` is set. */
  listSubscriptions(
    params: { organizationId: OrganizationId; oldestFirst: boolean } & PageOf<SubscriptionId>,
  ): Promise<Subscription[]>;
  /**
   * Lists matching subscriptions, newest first. Those that the filters leave out cost at most
   * `limits.examinedForPageMax` of them for a page.
   */
  searchSubscriptions(params: SearchSubscriptions): Promise<Page<FoundSubscription, SubscriptionId>>;
  /**
   * Lists matching subscriptions in the order of a value: those with the worst health first, or the lowest value. It orders
   * the newest `limits.sortedMax` subscriptions.
   */
  sortSubscriptions(params: SortedSubscriptions): Promise<SubscriptionPosition[]>;
  /** Returns whether an enabled subscription matches this event type and these channels, without regard to filters. */
  hasMatch(params: {
    organizationId: OrganizationId;
    eventType: string;
    channels: readonly string[] | null;
  }): Promise<boolean>;
  /** Changes the given fields and returns the subscription as it is afterwards. */
  updateSubscription(
    params: SubscriptionKey & { changes: SubscriptionChanges; now: number; operationalEventIds: OperationalEventIds },
  ): Promise<Subscription | "uid_taken" | "not_found">;
  /**
   * Deletes a subscription and returns it as it was. Nothing is sent to it after the commit; its waiting deliveries are
   * cancelled.
   */
  deleteSubscription(
    params: SubscriptionKey & { now: number; operationalEventIds: OperationalEventIds },
  ): Promise<Subscription | null>;

  /** Returns subscriptions whose client certificate expires until `before`, and of which no event was stored yet. */
  findExpiringCertificates(params: { before: number; limit: number }): Promise<SubscriptionId[]>;
  /** Stores the operational event about such a certificate. False if it was replaced or announced meanwhile. */
  announceExpiringCertificate(params: {
    subscriptionId: SubscriptionId;
    before: number;
    now: number;
    operationalEventId: MessageId;
  }): Promise<boolean>;

  /** Returns the signing secrets that have not expired, the current one first. */
  readSecrets(params: SubscriptionKey & { now: number }): Promise<SigningSecret[] | null>;
  /** Returns all stored signing secrets, expired ones too; none for a deleted subscription. */
  readKeptSecrets(params: SubscriptionKey): Promise<NumberedSecret[]>;
  /**
   * Adds a secret that signs from now on. Earlier ones also sign until `overlapUntil` at most. False if there is no
   * such subscription.
   */
  rotateSecret(
    params: SubscriptionKey & {
      secret: string;
      overlapUntil: number;
      now: number;
      operationalEventIds: OperationalEventIds;
    },
  ): Promise<boolean>;
  /** Returns the settings that requests are written from, of any organization; null if it is disabled or deleted. */
  readDeliverySettings(params: { subscriptionId: SubscriptionId; now: number }): Promise<DeliverySettings | null>;
}

export interface NewSubscription {
  readonly subscription: Subscription;
  /** Its first signing secret. */
  readonly secret: string;
  /** The secret part of its target's address, encrypted at rest. Null where the target has none. */
  readonly credential?: string | null;
  readonly operationalEventIds: OperationalEventIds;
  /** How many the organization may have, this one included. */
  readonly subscriptionsMax: number;
}

/** The settings of a subscription that its requests are written from, with its secrets. */
export interface DeliverySettings {
  readonly subscriptionId: SubscriptionId;
  readonly organizationId: OrganizationId;
  readonly target: Target;
  readonly credential: string | null;
  readonly headers: Subscription["headers"];
  readonly access: Subscription["access"];
  /** Those that have not expired, the current one first. */
  readonly secrets: readonly SigningSecret[];
  readonly retryDelaysMs: readonly number[] | null;
  readonly sendsTraceContext: boolean;
}

export interface SubscriptionKey {
  readonly organizationId: OrganizationId;
  readonly subscriptionId: SubscriptionId;
}

export interface SearchSubscriptions extends PageOf<SubscriptionId>, SubscriptionFilters {
  /** Null for all organizations. */
  readonly organizationId: OrganizationId | null;
}

export const subscriptionSorts = ["url", "health", "last_attempt"] as const;
export type SubscriptionSort = (typeof subscriptionSorts)[number];

export interface SortedSubscriptions extends SubscriptionFilters, SortedPageOf<SubscriptionId, SubscriptionSort> {
  readonly organizationId: OrganizationId;
}

/** A subscription with the value by which the list is ordered. */
export interface SubscriptionPosition {
  readonly subscription: FoundSubscription;
  readonly key: string;
}

export interface SubscriptionFilters {
  /** A part of the URL, the description or the uid; null for any. */
  readonly text: string | null;
  /** Only subscriptions that select one of these event types, by name or by wildcard; null for all. */
  readonly eventTypes: readonly string[] | null;
  readonly health: HealthStatus | null;
  readonly isDisabled: boolean | null;
  /** Only subscriptions that were disabled automatically: their receiver is gone, or failed for five days. */
  readonly isDisabledAutomatically?: boolean;
}

export interface FoundSubscription extends Subscription {
  /** When the newest attempt began (ms); null if there was none. */
  readonly lastAttemptAt: number | null;
}

export interface SubscriptionChanges {
  readonly uid?: string | null;
  readonly url?: string;
  readonly template?: string | null;
  readonly credential?: string;
  readonly eventTypes?: readonly string[];
  readonly channels?: readonly string[] | null;
  readonly description?: string | null;
  readonly metadata?: Subscription["metadata"];
  readonly filters?: Subscription["filters"];
  readonly headers?: Subscription["headers"];
  readonly access?: Subscription["access"];
  readonly retryDelaysMs?: readonly number[] | null;
  readonly ordered?: boolean;
  readonly rateLimit?: number | null;
  readonly sendsTraceContext?: boolean;
  readonly version?: number;
  readonly disabledReason?: DisabledReason | null;
}
