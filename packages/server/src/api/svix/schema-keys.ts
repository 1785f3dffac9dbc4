import { hasKey } from "../../domain/json-keys.ts";

/** What is wrong with a schema that has a key which validators pass over in silence; null when it has none. */
export function ignoredKeyMistake(schema: unknown): string | null {
  return hasKey(schema, "__proto__") ? "no field can be called __proto__ in a schema." : null;
}
