export type TextFile =
  | { readonly kind: "read"; readonly text: string }
  | { readonly kind: "refused"; readonly reason: string; readonly keeps: "itself" | "nothing" };

/** Decodes a file's bytes: UTF-8 without NUL, of at most `bytesMax` bytes. */
export function textOf(bytes: Uint8Array, bytesMax: number): TextFile {
  if (bytes.length > bytesMax) return tooLarge(bytesMax);
  if (bytes.includes(0)) return refused("The file is binary.");
  try {
    return { kind: "read", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return refused("The file is not valid UTF-8.");
  }
}

/** Decodes a file of a repository like `textOf`; it may be a pointer to a file elsewhere. */
export function committedTextOf(bytes: Uint8Array, bytesMax: number): TextFile {
  const file = textOf(bytes, bytesMax);
  return file.kind === "read" && file.text.startsWith(lfsPointer)
    ? refused("The file's content is in Git LFS, which is not read.")
    : file;
}

const lfsPointer = "version https://git-lfs.github.com/spec/";

export function tooLarge(bytesMax: number): TextFile {
  return refused(`The file is larger than ${bytesMax} bytes.`);
}

/** A file without readable text, whose stored version is therefore outdated. */
export function refused(reason: string): TextFile {
  return { kind: "refused", reason, keeps: "nothing" };
}
