import type { EventType } from "../domain/event-type.ts";
import { memberText, parsePrintable } from "../domain/json-text.ts";

/** The schemas in the text of a request's body; undefined where the body does not set them. Their numbers are kept as written. */
export function schemasIn(bodyText: string): EventType["schemas"] | undefined {
  const text = memberText(bodyText, "schemas");
  if (text === null) return undefined;
  const schemas = parsePrintable(text) as Readonly<Record<string, unknown>> | null;
  return schemas === null ? null : mapValues(schemas, (schema) => JSON.stringify(schema));
}

/** Schemas as values of a response, which is printed with the numbers as they were written. */
export function shownSchemas(schemas: EventType["schemas"]): Record<string, unknown> | null {
  return schemas === null ? null : mapValues(schemas, parsePrintable);
}

function mapValues<From, To>(object: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
