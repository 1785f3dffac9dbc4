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

/** As `textOf`, for a file out of a repository, which may be a pointer to one that lies elsewhere. */
export function committedTextOf(bytes: Uint8Array, bytesMax: number): TextFile {
  const file = textOf(bytes, bytesMax);
  return file.kind === "read" && file.text.startsWith(lfsPointer)
    ? refused("The file's content lies in Git LFS, which is not read.")
    : file;
}

const lfsPointer = "version https://git-lfs.github.com/spec/";

export function tooLarge(bytesMax: number): TextFile {
  return refused(`The file is larger than ${bytesMax} bytes.`);
}

/** A file that is no text to be taken in, so that what was stored of it is out of date. */
export function refused(reason: string): TextFile {
  return { kind: "refused", reason, keeps: "nothing" };
}
