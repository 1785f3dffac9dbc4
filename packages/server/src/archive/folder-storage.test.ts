import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ArchiveStorageError, writeVerified } from "./archive-storage.ts";
import { FolderStorage } from "./folder-storage.ts";

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-archive-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("a file is written into folders that only their owner can read, and replaces one with its name", async () => {
  const folder = join(freshFolder(), "a", "b");
  const storage = new FolderStorage(folder);
  await writeVerified(storage, "org/2026/file.gz", Buffer.from("first"));
  await writeVerified(storage, "org/2026/file.gz", Buffer.from("second"));
  expect(String(await storage.read("org/2026/file.gz", 6))).toBe("second");
  expect(readdirSync(join(folder, "org", "2026"))).toEqual(["file.gz"]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "org/2026/file.gz")).mode & 0o777).toBe(0o600);
});

test("a folder that cannot be used is named with its reason, also below a file and where nothing can be created", async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, "file"), "");
  for (const unusable of [join(folder, "file"), join(folder, "file", "below"), "/proc/weft-archive", "/dev/null/a/b"]) {
    const written = new FolderStorage(unusable).write("name", Buffer.from("content"));
    await expect(written, unusable).rejects.toThrow(ArchiveStorageError);
    await expect(written, unusable).rejects.toThrow(`The archive folder ${unusable} cannot be used (`);
  }
});

test("a file that is larger than expected is not read", async () => {
  const storage = new FolderStorage(freshFolder());
  await storage.write("name", Buffer.from("content"));
  await expect(storage.read("name", 3)).rejects.toThrow("name has 7 bytes; at most 3 were expected");
});
