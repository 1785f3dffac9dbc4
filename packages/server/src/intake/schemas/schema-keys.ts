import type { PayloadSchema } from "../../domain/event-type.ts";
import { hasKey } from "../../domain/json-keys.ts";

/** Describes a key of a schema that validators silently ignore; null if the schema has no such key. */
export function ignoredKeyMistake(schema: PayloadSchema): string | null {
  return hasKey(JSON.parse(schema), "__proto__") ? "no field can be called __proto__ in a schema." : null;
}
