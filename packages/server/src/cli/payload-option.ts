import { jsonText } from "@weft/sdk";
import { CommandError } from "./failure.ts";
import { readTextFile } from "./text-file.ts";

export type PayloadText = ReturnType<typeof jsonText>;

/** Reads the payload of an option: JSON, or that of a file as `@FILE`. Printed again, large numbers and repeated keys would change. */
export function readPayload(given: string): { readonly payload: PayloadText; readonly length: number } {
  const text = given.startsWith("@") ? readTextFile(given.slice(1)) : given;
  try {
    return { payload: jsonText(text), length: text.length };
  } catch (cause) {
    throw new CommandError(2, `The payload is not a JSON object: ${(cause as Error).message}`, { cause });
  }
}
