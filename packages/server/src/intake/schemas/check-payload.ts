// The sandbox task that compiles schemas of event types, and validates payloads against them.

import { defineTask } from "../../sandbox/task.ts";
import { CompiledSchemas } from "./compiled-schemas.ts";
import { parseExact } from "./exact-json.ts";
import { compileSchema, type PayloadMistake } from "./payload-schema.ts";

export type CheckInput =
  /** Checks whether a text is a valid schema. */
  | { readonly kind: "schema"; readonly schema: string }
  /** Without the schema's text, the payload is validated only if the schema is cached. */
  | { readonly kind: "payload"; readonly key: string; readonly schema: string | null; readonly payload: string };

export type CheckOutput =
  | { readonly kind: "checked"; readonly mistakes: readonly PayloadMistake[] }
  | { readonly kind: "schema_unknown" };

export const checkPayload = defineTask<CheckInput, CheckOutput>(new URL("./check-payload.ts", import.meta.url));

const compiled = new CompiledSchemas();

export function run(input: CheckInput): CheckOutput {
  if (input.kind === "schema") {
    compileSchema(parseExact(input.schema) as Record<string, unknown>);
    return { kind: "checked", mistakes: [] };
  }
  const { key, schema, payload } = input;
  const check = compiled.find(key) ?? (schema === null ? null : compiled.compile(key, schema));
  if (check === null) return { kind: "schema_unknown" };
  return { kind: "checked", mistakes: check(parseExact(payload)) };
}
