import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { SourceError, type SourceItem } from "../../source.ts";
import { fileEntity } from "../files/file-entity.ts";
import type { FileMatching } from "../files/file-matching.ts";
import { matchPaths } from "../files/match-paths.ts";
import { committedTextOf, type TextFile, tooLarge } from "../files/text-of.ts";
import type { GithubApi } from "./github-api.ts";
import type { TreeResponse } from "./parse-response.ts";

/** The trees of the stored files: one, or several when jobs ended while they were reading. */
export const filesStateSchema = z.object({
  trees: z.array(z.string()).min(1),
  /** The ETag of the last response. */
  etag: z.string().nullable(),
});

export type FilesState = z.output<typeof filesStateSchema>;

export interface FileOptions {
  readonly matching: FileMatching;
  readonly bytesMax: number;
  /** The prefix of the web URLs of files. */
  readonly webAddress: string;
  readonly signal: AbortSignal;
}

interface File {
  readonly sha: string;
  readonly size: number;
}

type Files = ReadonlyMap<string, File>;

export type FilesStep = { readonly items: readonly SourceItem[] } | { readonly state: FilesState };

const treesMax = 3;

export type FilesPlan =
  /** There is no new commit. */
  | { readonly kind: "same" }
  /** The stored files are known, so that only differences are read. */
  | {
      readonly kind: "changes";
      readonly now: Tree;
      readonly earlier: readonly Files[];
      readonly trees: readonly string[];
    }
  /** Everything is read, because nothing is stored or the stored files are unknown. */
  | { readonly kind: "all"; readonly now: Tree };

interface Tree {
  readonly sha: string;
  readonly etag: string | null;
  readonly files: Files;
}

/** Requests the current files of the default branch, and those at the time of the stored files. */
export async function planFiles(api: GithubApi, before: FilesState | null): Promise<FilesPlan> {
  const isWhole = before?.trees.length === 1;
  const response = await api.get(treeAddress(api, "HEAD"), {
    etag: isWhole ? before.etag : null,
    statuses: [304, 409],
  });
  if (response.status === 304) return { kind: "same" };
  // 409: the repository has no commits yet.
  const tree = response.status === 409 ? emptyTree : await api.parse("tree", response);
  const now = { sha: tree.sha, etag: response.etag, files: filesIn(tree) };
  if (before === null) return { kind: "all", now };
  // Until everything is read, the stored files may be from any of them.
  const trees = [...new Set([...before.trees, tree.sha])];
  const earlier = trees.length > treesMax ? null : await earlierFiles(api, before.trees);
  return earlier === null ? { kind: "all", now } : { kind: "changes", now, earlier, trees };
}

/** Reads the files of the plan, and reports deleted files when the previous ones are known. */
export async function* readFiles(
  api: GithubApi,
  plan: Exclude<FilesPlan, { kind: "same" }>,
  params: FileOptions,
): AsyncGenerator<FilesStep> {
  const { sha, etag, files } = plan.now;
  const earlier = plan.kind === "changes" ? plan.earlier : [];
  if (plan.kind === "changes") {
    yield { state: { trees: [...plan.trees], etag: null } };
    const missing = new Set(earlier.flatMap((one) => [...one.keys()].filter((path) => !files.has(path))));
    yield { items: (await matchPaths(missing, params)).map((path) => ({ kind: "gone", id: fileId(path) })) };
  }
  const isStored = (path: string, file: File) =>
    plan.kind === "changes" && earlier.every((one) => one.get(path)?.sha === file.sha);
  const changed = [...files].filter(([path, file]) => !isStored(path, file)).map(([path]) => path);
  const selected = await matchPaths(changed, params);
  if (selected.length > limits.githubFilesMax) throw tooMany();
  for (const path of selected) yield { items: [await fileItem(api, path, { file: files.get(path), ...params })] };
  yield { state: { trees: [sha], etag } };
}

/** A prefix that distinguishes ids of files from ids of issues. */
function fileId(path: string): string {
  return `files/${path}`;
}

/** Git's own hash of an empty tree. */
const emptyTree: TreeResponse = {
  sha: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  truncated: false,
  paths: "",
  shas: "",
  sizes: [],
};

function treeAddress(api: GithubApi, tree: string): string {
  return api.address(`git/trees/${encodeURIComponent(tree)}?recursive=1`);
}

function filesIn({ truncated, paths, shas, sizes }: TreeResponse): Files {
  if (truncated) throw tooMany();
  const sha = shas.split("\0");
  return new Map(
    sizes.length === 0
      ? []
      : paths
          .split("\0")
          .slice(0, -1)
          .map((path, at) => [path, fileAt(sha, sizes, at)]),
  );
}

function fileAt(shas: readonly string[], sizes: readonly number[], at: number): File {
  return { sha: shas[at] ?? "", size: sizes[at] ?? 0 };
}

function tooMany(): SourceError {
  return new SourceError(
    "The repository has too many files to be read by GitHub's API. Narrow `include`, or leave `files` out of `content` and read them with the source `git`.",
  );
}

/** Null when one of the trees no longer exists, for example after a forced push. */
async function earlierFiles(api: GithubApi, trees: readonly string[]): Promise<Files[] | null> {
  const earlier: Files[] = [];
  for (const sha of trees) {
    if (sha === emptyTree.sha) {
      earlier.push(new Map());
      continue;
    }
    const response = await api.get(treeAddress(api, sha), { statuses: [404, 409, 422] });
    if (response.status !== 200) return null;
    earlier.push(filesIn(await api.parse("tree", response)));
  }
  return earlier;
}

async function fileItem(
  api: GithubApi,
  path: string,
  { file, bytesMax, webAddress }: FileOptions & { file: File | undefined },
): Promise<SourceItem> {
  const id = fileId(path);
  const read = await readFile(api, file, bytesMax);
  if (read.kind === "refused") return { kind: "problem", id, reason: read.reason, keeps: read.keeps };
  const url = webAddress + path.split("/").map(encodeURIComponent).join("/");
  return fileEntity({ id, path, text: read.text, url, containers: [api.breadcrumb] });
}

async function readFile(api: GithubApi, file: File | undefined, bytesMax: number): Promise<TextFile> {
  if (file === undefined || file.size > bytesMax) return tooLarge(bytesMax);
  const accept = "application/vnd.github.raw+json";
  const response = await api.get(api.address(`git/blobs/${file.sha}`), { accept, bytesMax: bytesMax + 1 });
  return response.isTooLarge ? tooLarge(bytesMax) : committedTextOf(response.body, bytesMax);
}
