import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Release } from "../release.ts";

const name = "SHA256SUMS";

/** The checksums of all other files, in the format of `sha256sum --check`. */
export async function writeChecksums({ folder }: Release): Promise<string[]> {
  const lines = readdirSync(folder)
    .filter((file) => file !== name)
    .sort()
    .map(
      (file) =>
        `${createHash("sha256")
          .update(readFileSync(join(folder, file)))
          .digest("hex")}  ${file}\n`,
    );
  writeFileSync(join(folder, name), lines.join(""));
  return [name];
}
