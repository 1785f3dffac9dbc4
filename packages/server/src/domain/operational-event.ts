// Operational events notify operators about their installation: an endpoint was created, changed or disabled, or a
// message is failing. These events belong to an organization of their own, and no operational event reports about that
// organization itself: a failing delivery of such an event would otherwise cause the next one, forever.
//
// The names and fields are those of Svix's operational webhooks.

import type { Attempt } from "./attempt.ts";
import type { ClaimedDelivery, SettledDelivery } from "./delivery.ts";
import { type MessageId, type NewId, type OrganizationId, prefixed, type SubscriptionId } from "./id.ts";

/** This id is equal in every installation. Lists of organizations omit it, because it is not a tenant. */
export const operatorsOrganizationId = "00000000-0000-7000-8000-000000000002" as OrganizationId;

/**
 * Whether an organization belongs to operators: those of the installation, or those of a namespace, whose ids alone are UUIDs of
 * version 8.
 */
export function isOperatorsOrganization(id: OrganizationId): boolean {
  return id === operatorsOrganizationId || id.charAt(14) === "8";
}

/**
 * A message is failing after this many failures in a row. Svix sends `message.attempt.failing` after the fourth failed attempt and
 * `message.attempt.recovered` for a success after that, regardless of the retry schedule: a shorter schedule ends with
 * `message.attempt.exhausted` alone.
 */
export const failuresUntilFailing = 4;

export type AttemptEventName = "message.attempt.failing" | "message.attempt.exhausted" | "message.attempt.recovered";

/** The ids of the messages that announce one change of a subscription, as many as may be needed. */
export type OperationalEventIds = readonly [MessageId, MessageId];

export function newOperationalEventIds(newId: NewId): OperationalEventIds {
  return [newId<"message">(), newId<"message">()];
}

/** A fact about an installation, before the operators' own ids of its objects are looked up. */
export type OperationalFact =
  | {
      readonly name: "endpoint.created" | "endpoint.updated" | "endpoint.deleted" | "endpoint.enabled";
      readonly id: MessageId;
      readonly subscriptionId: SubscriptionId;
    }
  | {
      readonly name: "endpoint.disabled";
      readonly id: MessageId;
      readonly subscriptionId: SubscriptionId;
      readonly trigger: "manual" | "automatic";
      /** When the failures began (Unix ms); null when it did not fail. */
      readonly failingSince: number | null;
    }
  | {
      readonly name: "endpoint.certificate_expiring";
      readonly id: MessageId;
      readonly subscriptionId: SubscriptionId;
      /** When its client certificate expires (Unix ms). */
      readonly expiresAt: number;
    }
  | {
      readonly name: AttemptEventName;
      readonly id: MessageId;
      readonly subscriptionId: SubscriptionId;
      readonly attempt: Pick<Attempt, "id" | "messageId" | "responseStatus" | "startedAt">;
    };

/** The organization of a fact, and the ids that its owner gave the objects. */
export interface FactNames {
  readonly organizationId: OrganizationId;
  readonly organizationUid: string | null;
  readonly subscriptionUid: string | null;
  /** The owner's id of the attempt's message. */
  readonly eventId: string | null;
}

/** The payload of the event that reports a fact. */
export function operationalPayload(fact: OperationalFact, names: FactNames, now: number): Record<string, unknown> {
  const data = {
    appId: prefixed("app", names.organizationId),
    appUid: names.organizationUid,
    endpointId: prefixed("ep", fact.subscriptionId),
    endpointUid: names.subscriptionUid,
    ...detailsOf(fact, names),
  };
  return { type: fact.name, timestamp: isoTime(now), data };
}

function detailsOf(fact: OperationalFact, { eventId }: FactNames): Record<string, unknown> {
  if ("attempt" in fact) {
    const { id, messageId, responseStatus, startedAt } = fact.attempt;
    return {
      msgId: prefixed("msg", messageId),
      msgEventId: eventId,
      lastAttempt: {
        id: prefixed("atmpt", id),
        responseStatusCode: responseStatus,
        timestamp: isoTime(startedAt),
      },
    };
  }
  if (fact.name === "endpoint.certificate_expiring") return { expiresAt: isoTime(fact.expiresAt) };
  if (fact.name !== "endpoint.disabled") return {};
  const { trigger, failingSince } = fact;
  return { trigger, failSince: failingSince === null ? null : isoTime(failingSince) };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The facts that a recorded attempt implies. */
export function factsOf(attempt: Attempt, operationalEvents: AttemptOperationalEvents | null): OperationalFact[] {
  if (operationalEvents === null || operationalEvents.event === null) return [];
  return [{ ...operationalEvents.event, subscriptionId: attempt.subscriptionId, attempt }];
}

/** The operational events that an attempt may cause, with the ids of their messages. */
export interface AttemptOperationalEvents {
  /** Null when the attempt itself causes no event. */
  readonly event: { readonly name: AttemptEventName; readonly id: MessageId } | null;
  /** Used when this failure disables the subscription. */
  readonly disabledId: MessageId;
}

/** Null for an attempt that succeeded. */
export function operationalEventsOf(
  delivery: ClaimedDelivery,
  settled: SettledDelivery,
  newId: NewId,
): AttemptOperationalEvents | null {
  const name = attemptEvent(delivery, settled);
  if (name === null && settled.state === "delivered") return null;
  return { event: name === null ? null : { name, id: newId<"message">() }, disabledId: newId<"message">() };
}

/** The event that an attempt causes for its message. A test event causes none, because its sender sees the outcome. */
export function attemptEvent(delivery: ClaimedDelivery, settled: SettledDelivery): AttemptEventName | null {
  if (delivery.trigger === "test") return null;
  switch (settled.state) {
    case "delivered":
      return delivery.scheduleStep >= failuresUntilFailing ? "message.attempt.recovered" : null;
    case "failed":
      return "message.attempt.exhausted";
    case "due":
      return settled.scheduleStep === failuresUntilFailing ? "message.attempt.failing" : null;
  }
}
