import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { CommandError } from "./failure.ts";

/** A file's text. Throws a CommandError for a file that cannot be read, and for one that is not UTF-8. */
export function readTextFile(path: string): string {
  const bytes = readBytes(path);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw new CommandError(
    2,
    `The file ${path} is not valid UTF-8: byte ${invalidUtf8At(bytes)}, counted from 0, does not begin a character.`,
  );
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CommandError(2, `The file ${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** The number of bytes of the complete characters at the beginning. */
export function invalidUtf8At(bytes: Uint8Array): number {
  let [valid, invalid] = [0, bytes.length + 1];
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    if (beginningOf(bytes, middle) === null) invalid = middle;
    else valid = middle;
  }
  return Buffer.byteLength(beginningOf(bytes, valid) ?? "");
}

/** The complete characters of the first bytes; null when these cannot be the beginning of UTF-8. */
function beginningOf(bytes: Uint8Array, length: number): string | null {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes.subarray(0, length), { stream: true });
  } catch {
    return null;
  }
}
