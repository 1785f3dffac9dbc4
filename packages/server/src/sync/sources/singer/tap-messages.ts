import { memberText, parsePrintable } from "../../../domain/json-text.ts";

/** A message of a tap that Weft uses. */
export type TapMessage =
  | { readonly kind: "schema"; readonly stream: string; readonly keyProperties: readonly string[] }
  | {
      readonly kind: "record";
      readonly stream: string;
      readonly record: Readonly<Record<string, unknown>>;
      /** The message as the tap wrote it. */
      readonly line: string;
    }
  /** Everything before it was written. */
  | { readonly kind: "state"; readonly text: string }
  /** Records of other versions of the stream are deleted. */
  | { readonly kind: "activate_version"; readonly stream: string; readonly version: string }
  /** A message of another type, or a blank line. */
  | { readonly kind: "other" };

/** A line that is no message. Its text is not repeated, because it may contain anything. */
export class UnreadableLineError extends Error {
  override readonly name = "UnreadableLineError";
}

/** Parses a line. Throws an UnreadableLineError. */
export function messageIn(line: string): TapMessage {
  if (line.trim() === "") return { kind: "other" };
  const message = parsed(line);
  switch (message.type) {
    case "SCHEMA":
      return { kind: "schema", stream: textOf(message, "stream"), keyProperties: namesIn(message.key_properties) };
    case "RECORD":
      if (!isObject(message.record)) throw new UnreadableLineError("a RECORD without a record");
      return { kind: "record", stream: textOf(message, "stream"), record: message.record, line };
    case "STATE":
      return { kind: "state", text: memberText(line, "value") ?? "{}" };
    case "ACTIVATE_VERSION":
      return {
        kind: "activate_version",
        stream: textOf(message, "stream"),
        version: JSON.stringify(message.version ?? null),
      };
    case "BATCH":
      throw new UnreadableLineError("a message of the type BATCH, which Weft does not support");
    default:
      return { kind: "other" };
  }
}

function parsed(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parsePrintable(line);
  } catch {
    throw new UnreadableLineError("a line that is not valid JSON");
  }
  if (!isObject(value)) throw new UnreadableLineError("a line that is not a JSON object");
  return value;
}

function textOf(message: Record<string, unknown>, name: string): string {
  const value = message[name];
  if (typeof value === "string" && value !== "") return value;
  throw new UnreadableLineError(`a message without \`${name}\``);
}

/** The names in a list, such as that of the key properties; none for any other value. */
export function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}
