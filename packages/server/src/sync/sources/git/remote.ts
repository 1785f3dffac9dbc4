import { lstat, realpath } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SourceError } from "../../source.ts";
import { openFolder } from "../files/opened-folder.ts";
import type { ResolveHost } from "../resolve-host.ts";
import type { Remote } from "./git-settings.ts";
import { parseRepositoryUrl, type RepositoryUrl } from "./repository-url.ts";

/** Whom the operator lets the source read. */
export interface RemoteRules {
  /** Repositories on this machine lie in one of these folders. */
  readonly allowedFolders: readonly string[];
  /** Whether http without TLS will do. */
  readonly allowHttp: boolean;
  readonly resolveHost: ResolveHost;
}

/** A repository that may be read, and where it is. Throws a SourceError for every other. */
export async function openRemote(
  url: string,
  { allowHttp, allowedFolders, resolveHost }: RemoteRules,
): Promise<Remote> {
  const parsed = parseRepositoryUrl(url, { allowHttp });
  if (parsed.kind === "file") {
    const path = await openRepository(parsed.path, allowedFolders);
    return { ...parsed, path, url: pathToFileURL(path).href };
  }
  return { ...parsed, addresses: await resolveHost(parsed.host.name) };
}

/** Throws a SourceError when the address is one that can never be read here. Asks no host. */
export async function checkRemote(url: string, rules: RemoteRules): Promise<RepositoryUrl> {
  const parsed = parseRepositoryUrl(url, rules);
  if (parsed.kind === "file") await openRepository(parsed.path, rules.allowedFolders);
  return parsed;
}

/** The folder of a repository, bare or not, in which nothing leads out of it. */
async function openRepository(path: string, allowedFolders: readonly string[]): Promise<string> {
  const folder = await openFolder(path, allowedFolders);
  const objects = (await objectsIn(join(folder, ".git"))) ?? (await objectsIn(folder));
  if (objects === null) throw new SourceError(`There is no git repository in ${path}.`);
  const lends = ["info/alternates", "info/http-alternates"].map((name) => lstat(join(objects, name)).catch(() => null));
  if ((await Promise.all(lends)).some((found) => found !== null)) {
    throw new SourceError(`The repository ${path} borrows objects from another one, which is not followed.`);
  }
  return folder;
}

// A `.git` that is a file or a link leads somewhere else, as in a worktree or a submodule.
async function objectsIn(folder: string): Promise<string | null> {
  const objects = join(folder, "objects");
  const isPlain = (await realpath(objects).catch(() => null)) === objects;
  return isPlain && (await lstat(objects)).isDirectory() ? objects : null;
}
