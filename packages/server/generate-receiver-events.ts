import { writeFile } from "node:fs/promises";
import { eventCatalogue, type JsonSchema, type OwnEventType } from "./src/domain/event-catalogue.ts";

/** Where the generated file belongs. */
export const receiverEventsFile = new URL("../receiver/src/events.ts", import.meta.url);

/** Where the generated examples belong. */
export const receiverExamplesFile = new URL("../receiver/src/testing/generated.ts", import.meta.url);

/** The receiver kit's example of each event, from the catalogue. */
export function renderReceiverExamples(): string {
  const examples = Object.fromEntries(eventCatalogue.map(({ name, example }) => [name, example]));
  return [
    "// Generated from the event catalogue by packages/server/generate-receiver-events.ts: do not edit.",
    "",
    'import type { WeftEventByType } from "../events.ts";',
    "",
    "/** A realistic event of each type, with every field that Weft itself sends. */",
    `export const eventExamples: WeftEventByType = ${JSON.stringify(examples, null, 2)};`,
    "",
  ].join("\n");
}

/** The receiver kit's event types as TypeScript, from the catalogue. The text is formatted as Biome formats it. */
export function renderReceiverEvents(): string {
  return [
    "// Generated from the event catalogue by packages/server/generate-receiver-events.ts: do not edit.",
    "",
    ...eventCatalogue.flatMap((eventType) => [...renderInterface(eventType), ""]),
    "/** Each event's payload by its name. */",
    "export interface WeftEventByType {",
    ...eventCatalogue.map((eventType) => `  readonly "${eventType.name}": ${interfaceName(eventType.name)};`),
    "}",
    "",
    "/** The name of an event in the catalogue. */",
    "export type WeftEventType = keyof WeftEventByType;",
    "",
    "/** Any event in the catalogue; `event_type` names it. */",
    "export type WeftEvent =",
    ...eventCatalogue.map((eventType, index) => {
      return `  | ${interfaceName(eventType.name)}${index === eventCatalogue.length - 1 ? ";" : ""}`;
    }),
    "",
  ].join("\n");
}

function renderInterface(eventType: OwnEventType): string[] {
  const { properties = {}, required = [] } = eventType.schema;
  const fields = Object.entries(properties).flatMap(([name, schema]) => [
    ...(schema.description === undefined ? [] : [`  /** ${schema.description} */`]),
    `  readonly ${name}${required.includes(name) ? "" : "?"}: ${renderType(schema)};`,
  ]);
  return [`/** ${eventType.description} */`, `export interface ${interfaceName(eventType.name)} {`, ...fields, "}"];
}

/** `source_connection.auth_completed` becomes `SourceConnectionAuthCompletedEvent`. */
function interfaceName(eventTypeName: string): string {
  const words = eventTypeName.split(/[._]/);
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}Event`;
}

function renderType(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  return types.map((type) => renderTypeNamed(type, schema)).join(" | ");
}

function renderTypeNamed(type: string, schema: JsonSchema): string {
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "integer":
    case "number":
      return "number";
    case "object":
      return "Readonly<Record<string, unknown>>";
    case "array":
      return `readonly ${renderType(schema.items ?? {})}[]`;
    default:
      throw new Error(`The catalogue uses the JSON Schema type ${type}: teach generate-receiver-events.ts about it.`);
  }
}

if (import.meta.main) {
  await writeFile(receiverEventsFile, renderReceiverEvents());
  await writeFile(receiverExamplesFile, renderReceiverExamples());
}
