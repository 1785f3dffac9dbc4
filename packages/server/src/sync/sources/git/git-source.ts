import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import type { Sandbox } from "../../../sandbox/sandbox.ts";
import { defineSource, type Source, SourceError, type SourceItem } from "../../source.ts";
import { fileEntity } from "../files/file-entity.ts";
import { FileMatching } from "../files/file-matching.ts";
import { fileSettings } from "../files/file-settings.ts";
import { matchPaths } from "../files/match-paths.ts";
import { readAhead } from "../files/read-ahead.ts";
import { committedTextOf, type TextFile, tooLarge } from "../files/text-of.ts";
import { BlobReader } from "./blob-reader.ts";
import { type FetchedTree, fetchTree, findCommit } from "./clone.ts";
import { Git, type GitLimits } from "./git.ts";
import { checkRemote, openRemote, type RemoteRules } from "./remote.ts";
import { isCommit, isRefName } from "./repository-ref.ts";
import { parseRepositoryUrl } from "./repository-url.ts";

export interface GitSourceParts extends RemoteRules {
  /** Where globs are matched. */
  readonly sandbox: Pick<Sandbox, "run">;
  /** The paths of `git` and its trusted certificates. Git sees nothing else of the environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly limits?: GitLimits;
}

const oneLine = z
  .string()
  .min(1)
  .max(limits.headerValueBytesMax)
  .regex(/^[^\p{Cc}]*$/u, { error: "It is one line, without control characters." });

const credentials = z
  .strictObject({
    username: oneLine.optional().describe("For https, with `token`; `git` when absent."),
    token: oneLine.optional().describe("For https: an access token or a password."),
    private_key: z
      .string()
      .max(limits.credentialsBytesMax)
      .regex(/^-----BEGIN [A-Z ]*PRIVATE KEY-----\s/, { error: "Expected a private key such as those of ssh-keygen." })
      .optional()
      .describe("For ssh: a private key without a passphrase.")
      .meta({ multiline: true }),
  })
  .refine(({ token, username }) => username === undefined || token !== undefined, {
    error: "A username needs a token.",
    path: ["token"],
  });

/**
 * Reads the text files of a git repository at one ref with the program `git`. No history is fetched, and nothing is checked
 * out.
 */
export function gitSource(parts: GitSourceParts): Source {
  return defineSource({
    shortName: "git",
    name: "Git",
    className: "GitSource",
    description: "The text files of a git repository at a branch, a tag or a commit.",
    authMethods: ["direct"],
    labels: ["Files", "Code"],
    isTest: false,
    entityTypes: ["file"],
    // Each job runs its own program, and stores fetched data on disk.
    jobsAtOnceMax: limits.gitJobsAtOnceMax,
    // Before the first file it finds and fetches the commit, in one exchange each.
    silentMsMax: 2 * limits.gitExchangeMs + limits.sourceSilentMsMax,
    config: z.strictObject({
      url: z
        .string()
        .min(1)
        .max(limits.urlLengthMax)
        .describe("https://host/path, ssh://user@host/path, user@host:path, or file:///path in an allowed folder."),
      ref: z
        .string()
        .min(1)
        .max(limits.nameLengthMax)
        .refine((ref) => isCommit(ref) || isRefName(ref), { error: "This is not the name of a branch or a tag." })
        .optional()
        .describe("A branch, a tag, or a commit's whole hash; the default branch when absent."),
      ...fileSettings,
      known_hosts: z
        .string()
        .max(limits.knownHostsLengthMax)
        .optional()
        .describe("For ssh: the host's keys, as `ssh-keyscan` writes them.")
        .meta({ multiline: true }),
    }),
    credentials,
    check: async ({ url, known_hosts }) => {
      const { kind } = await checkRemote(url, parts);
      if (kind === "ssh" && known_hosts === undefined) {
        throw new SourceError("An ssh address needs `known_hosts`: the host's keys, as `ssh-keyscan` writes them.");
      }
    },
    credentialsGoTo: ({ url }) => {
      const remote = parseRepositoryUrl(url, parts);
      return remote.kind === "file" ? "this machine" : `${remote.protocol}://${remote.host.name}:${remote.host.port}`;
    },
    entities: async function* ({ owner, config, credentials, cursor, signal }) {
      const { environment, sandbox } = parts;
      await using opened = await openRemote(config.url, owner, parts);
      const { remote } = opened;
      if (remote.kind === "ssh" && credentials.private_key === undefined) {
        throw new SourceError("An ssh address needs the credential `private_key`.");
      }
      await using git = await Git.open({
        remote,
        credentials,
        knownHosts: config.known_hosts ?? "",
        environment,
        limits: parts.limits ?? { bytesMax: limits.gitFetchedBytesMax, exchangeMsMax: limits.gitExchangeMs },
        signal,
      });
      const commit = await findCommit(git, config.ref ?? null);
      const since = commitIn(cursor);
      if (commit === since) {
        yield { kind: "rest_stays" };
        return;
      }
      const tree = await fetchTree(git, commit, { since, bytesMax: config.max_file_bytes });
      const matching = new FileMatching(config, { sandbox, owner });
      yield* itemsOf(git, tree, { bytesMax: config.max_file_bytes, matching, signal });
      yield { kind: "cursor", value: JSON.stringify({ commit }) };
    },
  });
}

async function* itemsOf(
  git: Git,
  tree: FetchedTree,
  { bytesMax, ...globs }: { bytesMax: number; matching: FileMatching; signal: AbortSignal },
): AsyncGenerator<SourceItem> {
  if (tree.isChanges) {
    yield { kind: "rest_stays" };
    for (const id of await matchPaths(tree.gone, globs)) yield { kind: "gone", id };
  }
  for (const id of await matchPaths(tree.unnameable, globs)) {
    yield { kind: "problem", id, reason: "The file's name is not valid UTF-8.", keeps: "itself" };
  }
  await using reader = new BlobReader(git);
  const ids = await matchPaths(tree.files.keys(), globs);
  yield* readAhead(ids, (id) => readEntity(reader, tree, { id, bytesMax }));
}

async function readEntity(
  reader: BlobReader,
  tree: FetchedTree,
  { id, bytesMax }: { id: string; bytesMax: number },
): Promise<SourceItem> {
  const file = await readFile(reader, tree, { id, bytesMax });
  return file.kind === "read"
    ? fileEntity({ id, path: id, text: file.text })
    : { kind: "problem", id, reason: file.reason, keeps: file.keeps };
}

async function readFile(
  reader: BlobReader,
  { files, sizes }: FetchedTree,
  { id, bytesMax }: { id: string; bytesMax: number },
): Promise<TextFile> {
  const hash = files.get(id) ?? "";
  const size = sizes.get(hash);
  if (size === undefined || size > bytesMax) return tooLarge(bytesMax);
  return committedTextOf(await reader.read(hash), bytesMax);
}

function commitIn(cursor: string | null): string | null {
  const parsed = z
    .object({ commit: z.string().refine(isCommit) })
    .safeParse(cursor === null ? null : JSON.parse(cursor));
  return parsed.success ? parsed.data.commit : null;
}
