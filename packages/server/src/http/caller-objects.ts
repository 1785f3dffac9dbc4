// Objects whose keys the caller chooses. Every key is kept, including `__proto__`, which zod's own records drop.

import { z } from "zod";
import { limits } from "../domain/limits.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** Any JSON object, unchanged. Its content is not validated. */
export function jsonObject() {
  return z
    .custom<JsonObject>()
    .check((context) => {
      if (!isObject(context.value)) context.issues.push(noObject(context.value));
    })
    .meta({ type: "object", additionalProperties: {} });
}

/** An object whose values match a schema. Its keys are counted before any value is validated. */
export function mapOf<Value extends z.ZodType>(
  value: Value,
  { keysMax, key = z.string() }: { keysMax: number; key?: z.ZodType<string> },
) {
  return z
    .custom<Readonly<Record<string, z.input<Value>>>>()
    .meta({ type: "object", propertyNames: documented(key), additionalProperties: documented(value) })
    .transform((given, context) => {
      const { issues } = context;
      if (!isObject(given)) {
        issues.push(noObject(given));
        return z.NEVER;
      }
      const names = Object.keys(given);
      if (names.length > keysMax) {
        const message = `It has ${names.length} keys; at most ${keysMax} are allowed.`;
        issues.push({ code: "too_big", origin: "object", maximum: keysMax, input: given, message });
        return z.NEVER;
      }
      const entries: [string, z.output<Value>][] = [];
      for (const name of names) {
        if (issues.length >= limits.mistakesMax) break;
        const [named, parsed] = [key.safeParse(name), value.safeParse(given[name], { reportInput: true })];
        const wrong = [...(named.error?.issues ?? []), ...(parsed.error?.issues ?? [])];
        for (const issue of wrong) issues.push({ ...issue, path: [name, ...issue.path] } as z.core.$ZodRawIssue);
        if (parsed.success) entries.push([name, parsed.data]);
      }
      return Object.fromEntries(entries) as Readonly<Record<string, z.output<Value>>>;
    });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function noObject(input: unknown): z.core.$ZodRawIssue {
  return { code: "invalid_type", expected: "object", input };
}

function documented(schema: z.ZodType): object {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return json;
}
