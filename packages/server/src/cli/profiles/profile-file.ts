import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { makeFolder } from "../../make-folder.ts";
import { CommandError } from "../failure.ts";
import type { Environment } from "../settings.ts";

/** A running Weft, and the key that opens it; null for one that requires no key. */
export interface Profile {
  readonly url: string;
  readonly key: string | null;
}

export type Profiles = ReadonlyMap<string, Profile>;

export const defaultProfile = "default";

const bytesMax = 1024 * 1024;
const othersMode = 0o077;

/** The file in the user's configuration folder; null when the environment names no such folder. */
export function profilePath({ XDG_CONFIG_HOME: config, HOME: home, APPDATA: appData }: Environment): string | null {
  const folders = [config, home === undefined ? undefined : join(home, ".config"), appData];
  const folder = folders.find((each) => each !== undefined && isAbsolute(each));
  return folder === undefined ? null : join(folder, "weft", "profiles.json");
}

/** Reads the profiles. Throws a CommandError for a file that other users can read, and for one that is damaged. */
export function readProfiles(env: Environment): Profiles {
  const path = profilePath(env);
  const text = path === null ? null : readPrivateText(path);
  if (path === null || text === null) return new Map();
  try {
    return parseProfiles(text);
  } catch (cause) {
    throw new CommandError(
      1,
      `The profile file ${path} is damaged. Correct it, or delete it and run \`weft login\` again.`,
      { cause },
    );
  }
}

/** Stores the profiles, readable by this user only. An interrupted write leaves the old file. */
export function writeProfiles(env: Environment, profiles: Profiles): string {
  const path = profilePath(env);
  if (path === null) {
    throw new CommandError(1, "No folder for the profile file is known. Set XDG_CONFIG_HOME to an absolute path.");
  }
  const partial = `${path}.${randomUUID()}`;
  try {
    makeFolder(dirname(path));
    const text = JSON.stringify({ profiles: Object.fromEntries(profiles) }, null, 2);
    writeFileSync(partial, `${text}\n`, { flag: "wx", mode: 0o600, flush: true });
    renameSync(partial, path);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw new CommandError(1, `The profile file ${path} cannot be written: ${(cause as Error).message}.`, { cause });
  }
  return path;
}

/** Null when the file does not exist. The permissions are those of the opened file, so that a replaced file does not pass. */
function readPrivateText(path: string): string | null {
  const file = open(path);
  if (file === null) return null;
  try {
    const { mode, size } = fstatSync(file);
    if (process.platform !== "win32" && (mode & othersMode) !== 0) {
      throw new CommandError(
        1,
        `Other users can access the profile file ${path} (mode ${(mode & 0o777).toString(8)}), and it contains API keys. Run \`chmod 600 ${path}\`.`,
      );
    }
    if (size > bytesMax) throw new CommandError(1, `The profile file ${path} is larger than ${bytesMax} bytes.`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function open(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new CommandError(1, `The profile file ${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

function parseProfiles(text: string): Profiles {
  const { profiles } = JSON.parse(text) as { profiles: Record<string, { url: unknown; key: unknown }> };
  return new Map(
    Object.entries(profiles).map(([name, { url, key }]) => {
      if (typeof url === "string" && (key === null || typeof key === "string")) return [name, { url, key }];
      throw new Error(`The profile "${name}" has no URL, or its key is not a text.`);
    }),
  );
}
