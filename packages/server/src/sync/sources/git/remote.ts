import { pathToFileURL } from "node:url";
import type { OutboundProxy } from "../../../outbound/proxy/outbound-proxy.ts";
import { SourceError } from "../../source.ts";
import { OpenedFolder } from "../files/opened-folder.ts";
import type { ResolveHost } from "../resolve-host.ts";
import type { Remote } from "./git-settings.ts";
import { parseRepositoryUrl, type RepositoryUrl } from "./repository-url.ts";

/** The hosts and folders that the operator allows the source to read. */
export interface RemoteRules {
  /** Repositories on this machine lie in one of these folders. */
  readonly allowedFolders: readonly string[];
  /** Whether http without TLS is allowed. */
  readonly allowHttp: boolean;
  readonly resolveHost: ResolveHost;
  /** Without it, git connects directly. */
  readonly proxy?: Pick<OutboundProxy, "urlFor" | "resolvesNames">;
}

/** A repository that may be read; a local one is kept open. */
export interface OpenedRemote extends AsyncDisposable {
  readonly remote: Remote;
}

/** Resolves the location of a repository. Throws a SourceError for one that may not be read. */
export async function openRemote(
  url: string,
  owner: string,
  { allowHttp, allowedFolders, resolveHost, proxy }: RemoteRules,
): Promise<OpenedRemote> {
  const parsed = parseRepositoryUrl(url, { allowHttp });
  if (parsed.kind === "file") {
    const folder = await openRepository(parsed.path, allowedFolders);
    const { heldPath, path } = folder;
    const remote = { ...parsed, path: heldPath, url: pathToFileURL(heldPath).href, names: [heldPath, path] };
    return { remote, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
  }
  const proxyUrl = proxy?.urlFor(parsed.host.name) ?? null;
  if (parsed.kind === "ssh" && proxyUrl !== null) throw new SourceError(noSshThroughProxy);
  const addresses = await resolveHost(parsed.host.name, owner);
  const remote = {
    ...parsed,
    addresses,
    proxy: proxyUrl,
    proxyResolves: proxyUrl !== null && proxy?.resolvesNames === true,
  };
  return { remote, async [Symbol.asyncDispose]() {} };
}

const noSshThroughProxy =
  "This Weft uses an outbound proxy, which git over ssh does not use. Use the repository's https address.";

/** Throws a SourceError when the address can never be read here. Contacts no host. */
export async function checkRemote(url: string, rules: RemoteRules): Promise<RepositoryUrl> {
  const parsed = parseRepositoryUrl(url, rules);
  if (parsed.kind === "file") {
    await using _ = await openRepository(parsed.path, rules.allowedFolders);
  }
  return parsed;
}

/** The folder of a repository, bare or not, without links that lead out of it. */
async function openRepository(path: string, allowedFolders: readonly string[]): Promise<OpenedFolder> {
  const folder = await OpenedFolder.open(path, allowedFolders);
  try {
    const objects = (await hasFolder(folder, ".git/objects")) ? ".git/objects" : "objects";
    if (!(await hasFolder(folder, objects))) throw new SourceError(`There is no git repository in ${path}.`);
    const info = await folder.list(`${objects}/info`).catch(() => []);
    if (info.some(({ name }) => name === "alternates" || name === "http-alternates")) {
      throw new SourceError(`The repository ${path} borrows objects from another one, which is not supported.`);
    }
    return folder;
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

// A `.git` that is a file or a link leads elsewhere, as in a worktree or a submodule.
function hasFolder(folder: OpenedFolder, path: string): Promise<boolean> {
  return folder.list(path).then(
    () => true,
    () => false,
  );
}
