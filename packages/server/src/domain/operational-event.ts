// What operators are told of their installation as events: that an endpoint was made, changed or disabled, and that a
// message does not get through. These events belong to an organization of their own, and nothing is told of that
// organization itself: a failing delivery of such an event would otherwise bring forth the next one, for ever.
//
// The names and fields are those of Svix' operational webhooks.

import type { Attempt } from "./attempt.ts";
import type { ClaimedDelivery, SettledDelivery } from "./delivery.ts";
import { type MessageId, type NewId, type OrganizationId, prefixed, type SubscriptionId } from "./id.ts";

/** The same in every installation, and in no list of organizations, since it is no tenant. */
export const operatorsOrganizationId = "00000000-0000-7000-8000-000000000002" as OrganizationId;

/**
 * A message is failing after this many failures in a row. Svix sends `message.attempt.failing` after the fourth failed attempt and
 * `message.attempt.recovered` for a success after that, whatever the retry schedule: a shorter schedule ends with
 * `message.attempt.exhausted` alone.
 */
export const failuresUntilFailing = 4;

export type AttemptEventName = "message.attempt.failing" | "message.attempt.exhausted" | "message.attempt.recovered";

/** Ids for the messages that tell of one change to a subscription, as many as it may take. */
export type OperationalEventIds = readonly [MessageId, MessageId];

export function newOperationalEventIds(newId: NewId): OperationalEventIds {
  return [newId<"message">(), newId<"message">()];
}

/** What happened, before it is known what the operators call the things that it happened to. */
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
      readonly name: AttemptEventName;
      readonly id: MessageId;
      readonly subscriptionId: SubscriptionId;
      readonly attempt: Pick<Attempt, "id" | "messageId" | "responseStatus" | "startedAt">;
    };

/** Whose things a fact is about, and what their owners call them. */
export interface FactNames {
  readonly organizationId: OrganizationId;
  readonly organizationUid: string | null;
  readonly subscriptionUid: string | null;
  /** Of the attempt's message. */
  readonly eventId: string | null;
}

/** The payload that tells of a fact. */
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
  if (fact.name !== "endpoint.disabled") return {};
  const { trigger, failingSince } = fact;
  return { trigger, failSince: failingSince === null ? null : isoTime(failingSince) };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The facts that a recorded attempt is. */
export function factsOf(attempt: Attempt, operationalEvents: AttemptOperationalEvents | null): OperationalFact[] {
  if (operationalEvents === null || operationalEvents.event === null) return [];
  return [{ ...operationalEvents.event, subscriptionId: attempt.subscriptionId, attempt }];
}

/** What an attempt may bring to the operators, with the ids of the messages that tell it. */
export interface AttemptOperationalEvents {
  /** Null when the attempt itself is nothing to tell. */
  readonly event: { readonly name: AttemptEventName; readonly id: MessageId } | null;
  /** For the case that this was one failure too many for its subscription. */
  readonly disabledId: MessageId;
}

/** Null for an attempt that went as it should. */
export function operationalEventsOf(
  delivery: ClaimedDelivery,
  settled: SettledDelivery,
  newId: NewId,
): AttemptOperationalEvents | null {
  const name = attemptEvent(delivery, settled);
  if (name === null && settled.state === "delivered") return null;
  return { event: name === null ? null : { name, id: newId<"message">() }, disabledId: newId<"message">() };
}

/** What an attempt means for its message. Of a test event nobody is told: whoever sent it looks at it. */
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
