import { hasKey } from "../../domain/json-keys.ts";

/** Describes a key of a schema that validators silently ignore; null when there is none. */
export function ignoredKeyMistake(schema: unknown): string | null {
  return hasKey(schema, "__proto__") ? "no field can be called __proto__ in a schema." : null;
}
