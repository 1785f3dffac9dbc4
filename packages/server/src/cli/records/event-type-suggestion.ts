import { WeftApiError, type WeftClient } from "@weft/sdk";
import { CommandError } from "../failure.ts";
import { nearest } from "../nearest.ts";

/**
 * The sentence for the first of these event types that the catalogue does not contain, with the nearest one; null if it
 * contains all of them. Patterns such as `sync.*` are not checked.
 */
export async function unknownTypeSentence(client: WeftClient, types: readonly string[]): Promise<string | null> {
  const names = await Array.fromAsync(client.webhooks.eachEventType({ include_archived: true }), ({ name }) => name);
  const unknown = types.find((type) => !type.includes("*") && !names.includes(type));
  if (unknown === undefined) return null;
  const near = nearest(unknown, names);
  const suggestion = near === null ? "`weft trigger --list` lists the event types." : `Did you mean ${near}?`;
  return `The event type "${unknown}" is not in the catalogue. ${suggestion}`;
}

/** Makes a call that names event types. If the API does not know one of them, the error suggests the nearest one. */
export async function withSuggestion<Result>(
  client: WeftClient,
  types: readonly string[],
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    const isUnknown = cause instanceof WeftApiError && cause.errors.some(({ type }) => type === "event_type_unknown");
    const sentence = isUnknown ? await unknownTypeSentence(client, types) : null;
    if (sentence === null) throw cause;
    throw new CommandError(2, sentence, { cause });
  }
}
