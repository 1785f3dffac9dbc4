import type { EventType, PayloadSchema } from "../../domain/event-type.ts";
import { limits } from "../../domain/limits.ts";

/** Why a schema is too large to be stored; null when it is not. The check itself is bounded. */
export function boundsMistake(schema: PayloadSchema): string | null {
  if (Buffer.byteLength(schema) > limits.schemaBytesMax) {
    return `A schema has at most ${limits.schemaBytesMax} bytes of JSON.`;
  }
  return shapeMistake(JSON.parse(schema));
}

function shapeMistake(schema: unknown): string | null {
  const line: { readonly value: unknown; readonly depth: number }[] = [{ value: schema, depth: 1 }];
  let values = 0;
  for (let next = line.pop(); next !== undefined; next = line.pop()) {
    const { value, depth } = next;
    if (depth > limits.schemaDepthMax) return `A schema has at most ${limits.schemaDepthMax} levels.`;
    if (typeof value !== "object" || value === null) continue;
    const members = Object.values(value);
    values += members.length;
    if (values > limits.schemaValuesMax) return `A schema has at most ${limits.schemaValuesMax} values.`;
    for (const member of members) line.push({ value: member, depth: depth + 1 });
  }
  return null;
}

/** The bytes of all schemas of some event types. */
export function schemasBytes(types: readonly Pick<EventType, "schemas">[]): number {
  return types.reduce(
    (sum, { schemas }) => sum + (schemas === null ? 0 : Buffer.byteLength(JSON.stringify(schemas))),
    0,
  );
}
