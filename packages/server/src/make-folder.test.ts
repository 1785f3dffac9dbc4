import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "./make-folder.ts";

test("a folder is created with the folders above it, for its owner only", () => {
  const top = mkdtempSync(join(tmpdir(), "weft-folder-"));
  try {
    const path = join(top, "a", "b", "c");
    makeFolder(path);
    makeFolder(path);
    expect([path, join(top, "a")].map((one) => statSync(one).mode & 0o777)).toEqual([0o700, 0o700]);
    writeFileSync(join(top, "file"), "");
    expect(() => makeFolder(join(top, "file", "below"))).toThrow(/ENOTDIR/);
  } finally {
    rmSync(top, { recursive: true });
  }
});

test.skipIf(!existsSync("/proc/self"))("a folder that cannot exist is an error, and not an endless attempt", () => {
  expect(() => makeFolder("/proc/weft/data")).toThrow(/ENOENT/);
});
