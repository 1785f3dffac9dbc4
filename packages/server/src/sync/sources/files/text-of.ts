export type TextFile =
  | { readonly kind: "read"; readonly text: string }
  | { readonly kind: "refused"; readonly reason: string; readonly keeps: "itself" | "nothing" };

/** The text of a file's bytes: UTF-8 without NUL, of at most `bytesMax` bytes. */
export function textOf(bytes: Uint8Array, bytesMax: number): TextFile {
  if (bytes.length > bytesMax) return tooLarge(bytesMax);
  if (bytes.includes(0)) return refused("The file is binary.");
  try {
    return { kind: "read", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return refused("The file is not valid UTF-8.");
  }
}

export function tooLarge(bytesMax: number): TextFile {
  return refused(`The file is larger than ${bytesMax} bytes.`);
}

/** A file that is no text to be taken in, so that what was stored of it is out of date. */
export function refused(reason: string): TextFile {
  return { kind: "refused", reason, keeps: "nothing" };
}
