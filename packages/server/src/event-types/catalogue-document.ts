import { setImmediate as nextTurn } from "node:timers/promises";
import { ApiError } from "../domain/errors.ts";
import { type EventType, newestSchema } from "../domain/event-type.ts";
import { parsePrintable } from "../domain/json-text.ts";
import { limits } from "../domain/limits.ts";
import { placedSchema } from "./local-references.ts";

/** The parts of an event type in the document, as JSON members. */
interface DocumentedType {
  readonly webhook: string;
  readonly schema: string;
}

/** Types are replaced when they change. */
const documented = new WeakMap<EventType, DocumentedType>();

/**
 * Describes event types as an OpenAPI 3.1 document of webhooks, from which receivers generate types. Throws ApiError if they do not
 * fit into one document.
 */
export async function catalogueDocument(types: readonly EventType[], version: string): Promise<string> {
  const webhooks: string[] = [];
  const schemas: string[] = [];
  let length = 0;
  let worked = 0;
  for (const type of types) {
    const known = documented.get(type);
    const { webhook, schema } = known ?? documentedType(type);
    length += webhook.length + schema.length;
    if (length > limits.catalogueDocumentLengthMax) throw tooLarge();
    webhooks.push(webhook);
    schemas.push(schema);
    if (known !== undefined) continue;
    documented.set(type, { webhook, schema });
    worked += schema.length;
    if (worked < limits.workPerTurnBytes) continue;
    worked = 0;
    await nextTurn();
  }
  const info = JSON.stringify({ title: "Events", version, description });
  return `{"openapi":"3.1.0","info":${info},"webhooks":{${webhooks.join(",")}},"components":{"parameters":${parameters},"schemas":{${schemas.join(",")}}}}`;
}

const description =
  "The webhooks that subscriptions can receive. Verify the signature of each request before you use its body.";

function tooLarge(): ApiError {
  return new ApiError(
    "payload_too_large",
    `The schemas of these event types do not fit into one document of ${limits.catalogueDocumentLengthMax} characters. Select fewer with \`event_types\`.`,
  );
}

function documentedType(type: EventType): DocumentedType {
  const { name, description, deprecated } = type;
  const place = `#/components/schemas/${name}`;
  const schema = placedSchema(parsePrintable(newestSchema(type) ?? '{"type":"object"}'), place);
  const webhook = {
    post: {
      operationId: name,
      ...(description !== "" && { description }),
      ...(deprecated && { deprecated }),
      tags: [name.split(".")[0]],
      parameters: headerNames.map((header) => ({ $ref: `#/components/parameters/${header}` })),
      requestBody: { required: true, content: { "application/json": { schema: { $ref: place } } } },
      responses: { "2XX": { description: "The receiver accepted the webhook. Any other status is a failed attempt." } },
    },
  };
  const key = JSON.stringify(name);
  return { webhook: `${key}:${JSON.stringify(webhook)}`, schema: `${key}:${JSON.stringify(schema)}` };
}

// Source: Standard Webhooks. `svix-id`, `svix-timestamp` and `svix-signature` have the same values.
const headers = {
  "webhook-id": "The id of the message. It is equal on every attempt.",
  "webhook-timestamp": "The time of the attempt, in seconds since 1970.",
  "webhook-signature": "A signature for each valid secret, separated by spaces.",
} as const;
const headerNames = Object.keys(headers);
const parameters = JSON.stringify(
  Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [
      name,
      { name, in: "header", required: true, description: text, schema: { type: "string" } },
    ]),
  ),
);
