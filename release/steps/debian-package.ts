import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Release, Skipped } from "../release.ts";
import { programFolderOf } from "./program-folder.ts";

/** Debian's names of the architectures that Node is pinned for. */
const debianArchitectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" };

/** A package for Debian and Ubuntu: `/opt/weft`, the command `/usr/bin/weft`, the unit and `/etc/weft.env`. */
export async function buildDebianPackage(release: Release): Promise<readonly string[] | Skipped> {
  const { root, folder, stage, version, time, platform } = release;
  const architecture = debianArchitectures[platform.architecture];
  if (!existsSync(programFolderOf(release))) return { skipped: "It contains a program for Linux." };
  if (architecture === undefined) return { skipped: `It is not built for the architecture ${platform.architecture}.` };
  if (!hasDpkgDeb()) return { skipped: "This machine has no program dpkg-deb (Debian: dpkg)." };

  const tree = join(stage, "debian");
  layFiles(programFolderOf(release), tree);
  const control = join(tree, "DEBIAN");
  mkdirSync(control);
  const kibibytes = Math.ceil(bytesOf(tree) / 1_024);
  writeFileSync(join(control, "control"), controlOf({ version, architecture, kibibytes }));
  writeFileSync(join(control, "conffiles"), "/etc/weft.env\n");
  for (const script of ["postinst", "prerm", "postrm"])
    copyAs(join(root, "deploy/debian", script), join(control, script), 0o755);
  for (const file of ["control", "conffiles"]) chmodSync(join(control, file), 0o644);

  const name = `weft_${version}_${architecture}.deb`;
  // It sets every later time of a file to SOURCE_DATE_EPOCH.
  execFileSync("dpkg-deb", ["--root-owner-group", "-Zgzip", "--build", tree, join(folder, name)], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(time.getTime() / 1_000) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return [name];
}

function layFiles(program: string, tree: string): void {
  for (const path of ["opt", "usr/bin", "usr/lib/systemd/system", "usr/share/doc/weft", "etc"]) {
    mkdirSync(join(tree, path), { recursive: true });
  }
  cpSync(program, join(tree, "opt/weft"), { recursive: true });
  for (const file of ["weft.service", "weft.env", "LICENSE"]) rmSync(join(tree, "opt/weft", file));
  symlinkSync("/opt/weft/bin/weft", join(tree, "usr/bin/weft"));
  copyAs(join(program, "weft.service"), join(tree, "usr/lib/systemd/system/weft.service"), 0o644);
  copyAs(join(program, "LICENSE"), join(tree, "usr/share/doc/weft/copyright"), 0o644);
  // It is for keys and passwords.
  copyAs(join(program, "weft.env"), join(tree, "etc/weft.env"), 0o600);
  for (const path of [
    "",
    "opt",
    "usr",
    "usr/bin",
    "usr/lib",
    "usr/lib/systemd",
    "usr/lib/systemd/system",
    "usr/share",
    "usr/share/doc",
    "usr/share/doc/weft",
    "etc",
  ]) {
    chmodSync(join(tree, path), 0o755);
  }
}

function controlOf(params: { version: string; architecture: string; kibibytes: number }): string {
  return `Package: weft
Version: ${params.version}
Architecture: ${params.architecture}
Maintainer: The Weft developers <weft@example.com>
Installed-Size: ${params.kibibytes}
Depends: libc6 (>= 2.28), libstdc++6
Recommends: ca-certificates
Suggests: git
Section: net
Priority: optional
Description: Self-hosted webhooks for context-sync platforms
 Weft accepts events, signs and delivers them, and loses none. The package
 contains the Node version that Weft runs on.
`;
}

function copyAs(source: string, target: string, mode: number): void {
  copyFileSync(source, target);
  chmodSync(target, mode);
}

function bytesOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function hasDpkgDeb(): boolean {
  try {
    execFileSync("dpkg-deb", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
