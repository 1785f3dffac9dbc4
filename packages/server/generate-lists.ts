// Pages of the reference that are lists from the code: commands, metrics, errors and events.

import { errorMeanings } from "./generate-error-meanings.ts";
import { code, generatedNote, prose, table } from "./generate-markdown.ts";
import { helpTexts } from "./src/cli/program.ts";
import { ApiError, type ErrorCode } from "./src/domain/errors.ts";
import { eventCatalogue, isOnlyAccepted, publishedEventTypes } from "./src/domain/event-catalogue.ts";
import type { JsonSchema } from "./src/domain/event-schemas.ts";
import { exampleOf, newestSchema } from "./src/domain/event-type.ts";
import { operationalEventTypes } from "./src/domain/operational-catalogue.ts";
import { createMetrics } from "./src/report/metrics.ts";

const folder = new URL("../../docs/reference/", import.meta.url);
export const commandsFile = new URL("commands.md", folder);
export const metricsFile = new URL("metrics.md", folder);
export const errorsFile = new URL("errors.md", folder);
export const eventsFile = new URL("events.md", folder);

export function renderCommands(): string {
  const parts = helpTexts().map(({ path, text }) => `## ${path}\n\n\`\`\`text\n${text.trim()}\n\`\`\``);
  return `# Commands

${generatedNote}

This page has the help of each command, as \`weft COMMAND --help\` prints it. [Command line](command-line.md) explains profiles, keys and completion.

${parts.join("\n\n")}
`;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

export function renderMetrics(): string {
  const { registry } = createMetrics();
  const rows = (registry.getMetricsAsArray() as unknown as Metric[])
    .filter(({ name }) => name.startsWith("weft_"))
    .map((metric) => [
      code(metric.name),
      registry.getSingleMetric(metric.name)?.constructor.name.toLowerCase() ?? "",
      (metric.labelNames ?? []).map(code).join(", ") || "none",
      prose(metric.help),
    ]);
  return `# Metrics

${generatedNote}

\`GET /metrics\` returns the metrics of one node in the format of Prometheus. [Monitor Weft](../operate/monitoring.md) has alert rules.

${table(["metric", "type", "labels", "meaning"], rows)}

The metrics \`process_*\` and \`nodejs_*\` describe the process: its memory, its processor time, its open files, and the delay of its event loop.
`;
}

export function renderErrors(): string {
  const codes = Object.keys(errorMeanings) as ErrorCode[];
  const rows = codes.map((name) => [code(name), String(new ApiError(name, "").status), errorMeanings[name]]);
  return `# Errors

${generatedNote}

An error of \`/v1\` is a problem document (RFC 9457) with the media type \`application/problem+json\`. \`code\` is stable, so programs branch on it. \`detail\` says what
happened, to which thing, and what to do. A 422 lists each mistake in \`errors\`, with its location in \`loc\`. \`request_id\` finds the request in the log.

${table(["code", "status", "meaning"], rows)}
`;
}

interface DocumentedEvent {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example: unknown;
}

export function renderEvents(): string {
  const operational = operationalEventTypes.map((type): DocumentedEvent => {
    return {
      name: type.name,
      description: type.description,
      schema: JSON.parse(newestSchema(type) ?? "{}") as JsonSchema,
      example: exampleOf(type),
    };
  });
  return `# Events

${generatedNote}

This page lists the event types of Weft itself. Your own event types are in the console, and in \`GET /v1/webhooks/event-types\`
([Event types](../send/event-types.md)).

## Events that Weft publishes

Weft publishes these events about its [sources](../sync/README.md), collections, organizations and searches. A platform with producers of its own
publishes them as well.

${publishedEventTypes.map(eventSection).join("\n\n")}

## Other events of Airweave

Airweave's SDKs know these event types too. Subscriptions can select them and \`POST /v1/events\` accepts them. Weft itself never publishes one.

${eventCatalogue
  .filter(({ name }) => isOnlyAccepted(name))
  .map(eventSection)
  .join("\n\n")}

## Operational events

Weft publishes these events about subscriptions and their deliveries, for the subscriptions of operators ([Svix](../migrate/svix.md#operational-webhooks)).

${operational.map(eventSection).join("\n\n")}
`;
}

function eventSection({ name, description, schema, example }: DocumentedEvent): string {
  const rows = fieldRows(schema);
  return [
    `### ${name}`,
    prose(description),
    table(["field", "type", "meaning"], rows),
    `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``,
  ].join("\n\n");
}

function fieldRows({ properties = {}, required = [] }: JsonSchema, prefix = ""): string[][] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const type = field.const === undefined ? [field.type ?? "any"].flat().join(" or ") : code(`"${field.const}"`);
    const presence = required.includes(name) ? "" : ", optional";
    const row = [code(`${prefix}${name}`), `${type}${presence}`, prose(field.description ?? "")];
    return [row, ...fieldRows(field, `${prefix}${name}.`)];
  });
}
