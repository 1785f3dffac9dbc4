import { createHash } from "node:crypto";

/** The place that archived files are written to. */
export interface ArchiveStorage extends AsyncDisposable {
  /** The URL of the storage, without credentials. */
  readonly url: string;
  /** Writes a file. A file with this name is replaced. */
  write(name: string, content: Buffer): Promise<void>;
  /** Reads a file that has at most `bytesMax` bytes. */
  read(name: string, bytesMax: number): Promise<Buffer>;
}

/** The storage cannot be written or read. The message is a sentence about the storage, followed by the remedy. */
export class ArchiveStorageError extends Error {
  override readonly name = "ArchiveStorageError";
}

/** Writes a file, and reads it back to verify that the storage has it unchanged. */
export async function writeVerified(storage: ArchiveStorage, name: string, content: Buffer): Promise<void> {
  await storage.write(name, content);
  const stored = await storage.read(name, content.length);
  if (sha256(stored) !== sha256(content)) {
    throw new ArchiveStorageError(
      `The archive ${storage.url} returned other bytes for ${name} than were written to it.`,
    );
  }
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
