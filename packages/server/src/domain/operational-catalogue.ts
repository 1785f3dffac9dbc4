import type { JsonSchema } from "./event-schemas.ts";
import type { EventType } from "./event-type.ts";
import { type AttemptId, type MessageId, type OrganizationId, prefixed, type SubscriptionId } from "./id.ts";
import { type FactNames, type OperationalFact, operationalPayload } from "./operational-event.ts";

const descriptions: Readonly<Record<OperationalFact["name"], string>> = {
  "endpoint.created": "An endpoint was created.",
  "endpoint.updated": "An endpoint's settings, headers or secret changed.",
  "endpoint.deleted": "An endpoint was deleted.",
  "endpoint.enabled": "A disabled endpoint was enabled again.",
  "endpoint.disabled":
    "An endpoint was disabled, by request, because it returned 410, or because it failed for too long.",
  "endpoint.certificate_expiring": "The client certificate for an endpoint expires within 30 days.",
  "message.attempt.failing": "A message failed four times at an endpoint, and is still being retried.",
  "message.attempt.exhausted": "A message failed permanently at an endpoint: there are no further attempts.",
  "message.attempt.recovered": "A failing message was delivered to its endpoint.",
};

const subscriptionId = "01973d2b-5e40-7c3f-9a27-1d4e8b6f2c55" as SubscriptionId;

const names: FactNames = {
  organizationId: "01973d2a-7c00-7a11-8d52-6f0b3c9e4a10" as OrganizationId,
  organizationUid: "acme",
  subscriptionUid: "acme-alerts",
  eventId: "order-42-paid",
};

const attempt = {
  id: "01973d33-1b08-7d40-b1c3-92e5f60a7d18" as AttemptId,
  messageId: "01973d2f-90aa-7e21-a6b4-5c8d1f3e7092" as MessageId,
  responseStatus: 503,
  startedAt: Date.UTC(2026, 0, 15, 14, 35, 5, 214),
};

const since = Date.UTC(2026, 0, 1);

/** The event types that the operators' own subscriptions can select. Weft publishes them, and they cannot be changed. */
export const operationalEventTypes: readonly EventType[] = [
  endpointEvent("endpoint.created"),
  endpointEvent("endpoint.updated"),
  endpointEvent("endpoint.deleted"),
  endpointEvent("endpoint.enabled"),
  eventType(
    { name: "endpoint.disabled", trigger: "automatic", failingSince: attempt.startedAt },
    {
      trigger: text("`manual` when a user disabled it, `automatic` when it returned 410 or failed for five days."),
      failSince: { type: ["string", "null"], description: "When its failures began; null if it did not fail." },
    },
  ),
  eventType(
    { name: "endpoint.certificate_expiring", expiresAt: since + 30 * 86_400_000 },
    { expiresAt: text("When the certificate expires.") },
  ),
  attemptEvent("message.attempt.failing"),
  attemptEvent("message.attempt.exhausted"),
  attemptEvent("message.attempt.recovered"),
];

type Story<Fact> = Fact extends OperationalFact ? Omit<Fact, "id" | "subscriptionId"> : never;

function endpointEvent(name: "endpoint.created" | "endpoint.updated" | "endpoint.deleted" | "endpoint.enabled") {
  return eventType({ name }, {});
}

function attemptEvent(
  name: "message.attempt.failing" | "message.attempt.exhausted" | "message.attempt.recovered",
): EventType {
  return eventType(
    { name, attempt },
    {
      msgId: text("The message."),
      msgEventId: nullableText("The publisher's own id of the message."),
      lastAttempt: {
        type: "object",
        description: "The attempt that caused the event.",
        properties: {
          id: text("The attempt."),
          responseStatusCode: {
            type: "integer",
            minimum: 0,
            description: "The status of the response; 0 when none arrived.",
          },
          timestamp: text("When it was made."),
        },
        required: ["id", "responseStatusCode", "timestamp"],
      },
    },
  );
}

function eventType(story: Story<OperationalFact>, details: Readonly<Record<string, JsonSchema>>): EventType {
  const fact = { ...story, id: attempt.messageId, subscriptionId } as OperationalFact;
  const description = descriptions[fact.name];
  const properties = {
    appId: text(`The application, such as \`${prefixed("app", names.organizationId)}\`.`),
    appUid: nullableText("The operator's own id of the application."),
    endpointId: text("The endpoint."),
    endpointUid: nullableText("The owner's own id of the endpoint."),
    ...details,
  };
  const schema = {
    title: fact.name,
    description,
    type: "object",
    properties: {
      type: { ...text("The name of the event."), const: fact.name },
      timestamp: { ...text("When it happened."), format: "date-time" },
      data: { type: "object", properties, required: Object.keys(properties) },
    },
    required: ["type", "timestamp", "data"],
    examples: [operationalPayload(fact, names, attempt.startedAt + 121)],
  };
  return {
    name: fact.name,
    description,
    archived: false,
    deprecated: false,
    schemas: { "1": JSON.stringify(schema) },
    featureFlag: null,
    groupName: null,
    metadata: {},
    createdAt: since,
    updatedAt: since,
  };
}

function text(description: string): JsonSchema {
  return { type: "string", description };
}

function nullableText(description: string): JsonSchema {
  return { type: ["string", "null"], description: `${description} Null if it is not set.` };
}
