import { chmodSync, copyFileSync, cpSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Release, Skipped } from "../release.ts";
import { applicationOf } from "./application.ts";

/** The folder that is installed as `/opt/weft`: the command, the application, the pinned Node and the unit for systemd. */
export function programFolderOf({ stage }: Release): string {
  return join(stage, "program");
}

/** A Linux program for the architecture of this machine, because the pinned Node is one. */
export async function stageProgram(release: Release): Promise<readonly string[] | Skipped> {
  const { root, platform } = release;
  if (platform.os !== "linux") return { skipped: `The pinned Node on this machine is for ${platform.os}, not Linux.` };
  const program = programFolderOf(release);
  mkdirSync(join(program, "bin"), { recursive: true });
  mkdirSync(join(program, "lib"));
  writeFileSync(join(program, "bin/weft"), command);
  chmodSync(join(program, "bin/weft"), 0o755);
  cpSync(applicationOf(release), join(program, "lib"), { recursive: true });
  copyFileSync(pinnedNode(root), join(program, "lib/node"));
  chmodSync(join(program, "lib/node"), 0o755);
  for (const file of ["LICENSE", "README.md", "deploy/weft.service", "deploy/weft.env"]) {
    const target = join(program, file.replace("deploy/", ""));
    copyFileSync(join(root, file), target);
    chmodSync(target, 0o644);
  }
  return [];
}

/** The links that lead to the command are followed, because the application is next to its real place. */
const command = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/../lib/node" "$here/../lib/node_modules/@weft/server/bin/weft.js" "$@"
`;

function pinnedNode(root: string): string {
  const { resolve } = createRequire(join(root, "package.json"));
  return realpathSync(join(resolve("node/package.json"), "../bin/node"));
}
