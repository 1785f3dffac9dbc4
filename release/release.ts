import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One build of everything that users install. */
export interface Release {
  /** The checkout that is built. */
  readonly root: string;
  /** The files of the release. */
  readonly folder: string;
  /** Files that several steps use, which are not part of the release. */
  readonly stage: string;
  readonly version: string;
  /** The time of every file and entry, so that two builds of a commit are identical. */
  readonly time: Date;
  readonly platform: { readonly os: NodeJS.Platform; readonly architecture: NodeJS.Architecture };
}

/** A step returns the names of its files in the folder of the release, or the reason why this machine cannot build them. */
export interface Step {
  readonly name: string;
  readonly build: (release: Release) => Promise<readonly string[] | Skipped>;
}

export interface Skipped {
  readonly skipped: string;
}

export function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "packages/server/package.json"), "utf8")) as {
    version: string;
  };
  return version;
}

/** `SOURCE_DATE_EPOCH` in seconds, or else the time of the commit. */
export function timeOf(root: string, variables: NodeJS.ProcessEnv): Date {
  const seconds = variables.SOURCE_DATE_EPOCH ?? commitSeconds(root);
  if (!/^\d{1,10}$/.test(seconds)) {
    throw new Error(`SOURCE_DATE_EPOCH is "${seconds}". Set it to the seconds since 1970, such as 1767225600.`);
  }
  return new Date(Number(seconds) * 1_000);
}

function commitSeconds(root: string): string {
  try {
    return execFileSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
  } catch (cause) {
    throw new Error(`${root} is not a git checkout. Set SOURCE_DATE_EPOCH to the time of the release.`, { cause });
  }
}
