import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { inject } from "postject";
import { archiveOf, buildName } from "./archive.ts";
import { installedFiles } from "./installed-files.ts";
import { nodeVersion, type Target, targets, writeNode } from "./node-binary.ts";

const root = resolve(import.meta.dirname, "../..");
/** The mark in every Node that says that a blob was injected. Source: Node's documentation of single executables. */
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** Builds the executable of a platform and returns its path. */
export async function buildExecutable(target: Target, folder: string): Promise<string> {
  if (process.versions.node !== nodeVersion) {
    throw new Error(
      `The executable needs Node ${nodeVersion}, and this is ${process.versions.node}. Run it through npm.`,
    );
  }
  const path = join(folder, `weft-${target}`);
  writeNode(target, path);
  await inject(path, "NODE_SEA_BLOB", await preparedBlob(), { sentinelFuse: fuse });
  return path;
}

async function preparedBlob(): Promise<Buffer> {
  const { version } = JSON.parse(readFileSync(join(root, "packages/server/package.json"), "utf8")) as {
    version: string;
  };
  const stage = mkdtempSync(join(tmpdir(), "weft-executable-"));
  try {
    const archive = archiveOf(await installedFiles(root));
    writeFileSync(join(stage, "files"), archive);
    writeFileSync(join(stage, "build"), buildName(version, archive));
    copyFileSync(join(import.meta.dirname, "launch.cjs"), join(stage, "launch.cjs"));
    const settings = {
      // Relative, because the blob contains this path.
      main: "launch.cjs",
      output: "blob",
      disableExperimentalSEAWarning: true,
      // Sandbox processes get their limits of memory in `--node-options`.
      execArgvExtension: "cli",
      assets: { files: "files", build: "build" },
    };
    writeFileSync(join(stage, "settings.json"), JSON.stringify(settings));
    execFileSync(process.execPath, ["--experimental-sea-config", "settings.json"], {
      cwd: stage,
      stdio: ["ignore", "ignore", "inherit"],
    });
    return readFileSync(join(stage, "blob"));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const folder = resolve(process.argv[2] ?? "reports/executable");
  for (const target of targets) process.stdout.write(`${await buildExecutable(target, folder)}\n`);
}
