import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ArchiveStorage, ArchiveStorageError } from "./archive-storage.ts";

/** Archived files in a folder, which only its owner can read. */
export class FolderStorage implements ArchiveStorage {
  readonly url: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.url = pathToFileURL(folder).href;
  }

  write(name: string, content: Buffer): Promise<void> {
    const path = join(this.#folder, name);
    return this.#reporting(async () => {
      await makeFolder(dirname(path));
      // A reader never sees a part of a file, also not after a power cut.
      const unfinished = `${path}.unfinished`;
      await using file = await open(unfinished, "w", 0o600);
      await file.writeFile(content);
      await file.sync();
      await rename(unfinished, path);
      await using folder = await open(dirname(path), "r");
      await folder.sync();
    });
  }

  read(name: string, bytesMax: number): Promise<Buffer> {
    const path = join(this.#folder, name);
    return this.#reporting(async () => {
      const { size } = await stat(path);
      if (size > bytesMax) throw new Error(`${name} has ${size} bytes; at most ${bytesMax} were expected`);
      return await readFile(path);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #reporting<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      throw new ArchiveStorageError(
        `The archive folder ${this.#folder} cannot be used (${(error as Error).message}). Make it writable for Weft.`,
        { cause: error },
      );
    }
  }
}

// The recursive mkdir of Node never ends in folders such as /proc, which create nothing.
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}
