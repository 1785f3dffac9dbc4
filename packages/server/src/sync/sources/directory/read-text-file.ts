import type { FileHandle } from "node:fs/promises";
import type { OpenedFolder } from "../files/opened-folder.ts";
import { refused, type TextFile, textOf, tooLarge } from "../files/text-of.ts";

/** Reads a file of UTF-8 text below a folder, of at most `bytesMax` bytes. */
export async function readTextFile(
  folder: Pick<OpenedFolder, "openFile">,
  path: string,
  bytesMax: number,
): Promise<TextFile> {
  try {
    await using file = await folder.openFile(path);
    return await readOpened(file, bytesMax);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const gone = code === "ENOENT" || code === "ELOOP";
    return { kind: "refused", reason: `The file cannot be read (${code}).`, keeps: gone ? "nothing" : "itself" };
  }
}

async function readOpened(file: FileHandle, bytesMax: number): Promise<TextFile> {
  const stats = await file.stat();
  if (!stats.isFile()) return refused("It is not a regular file.");
  if (stats.size > bytesMax) return tooLarge(bytesMax);
  // One byte more than allowed: the file may have grown since.
  const buffer = Buffer.alloc(Math.min(stats.size + 1, bytesMax + 1));
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return textOf(buffer.subarray(0, length), bytesMax);
}
