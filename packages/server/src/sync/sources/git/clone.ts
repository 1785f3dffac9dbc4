import { SourceError } from "../../source.ts";
import type { Git } from "./git.ts";
import { GitFailure } from "./git-failure.ts";
import { isCommit, refsNamed } from "./repository-ref.ts";
import { readChanges, readTree, type Tree } from "./tree.ts";

const blobsPerFetch = 5_000;

/** The commit of a branch, a tag or a hash at the repository's host; null is the default branch. */
export async function findCommit(git: Git, ref: string | null): Promise<string> {
  if (ref !== null && isCommit(ref)) return ref.toLowerCase();
  const names = ref === null ? ["HEAD"] : refsNamed(ref);
  // An annotated tag is an object of its own; this is the name of its target.
  const patterns = names.flatMap((name) => [name, `${name}^{}`]);
  const said = await git.run(["ls-remote", "--quiet", "--", "origin", ...patterns]);
  const commits = new Map(said.split("\n").map((line) => line.split("\t", 2).reverse() as [string, string]));
  for (const name of names) {
    const commit = commits.get(`${name}^{}`) ?? commits.get(name);
    if (commit !== undefined && isCommit(commit)) return commit;
  }
  throw new SourceError(
    ref === null
      ? "The repository has no default branch: it may be empty. Name a `ref`."
      : `The repository has no branch, tag or commit ${ref}. A commit must be its complete hash.`,
  );
}

/** The work of a job in a repository, with the files fetched. */
export interface FetchedTree extends Tree {
  /** Whether it has only the changes since a previously synced commit. */
  readonly isChanges: boolean;
  /** The available files: their length by hash. Missing files are larger than the limit. */
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * Fetches a commit's files, of at most `bytesMax` bytes each, without the history. If `since` is still available, its folders
 * are fetched without files, to find the changes; the host then omits files that existed before. After a forced push it may not
 * exist, and everything is read.
 */
export async function fetchTree(
  git: Git,
  commit: string,
  { since, bytesMax }: { since: string | null; bytesMax: number },
): Promise<FetchedTree> {
  await git.makeRepository(commit.length);
  const isChanges = since !== null && since.length === commit.length && (await fetchBefore(git, since));
  await fetchCommit(git, commit, { name: "after", filter: `blob:limit=${bytesMax + 1}` });
  const tree = isChanges ? await readChanges(git, since, commit) : await readTree(git, commit);
  const sizes = await sizesOf(git, tree);
  if (!isChanges || sizes.size === tree.files.size) return { ...whole(tree), isChanges, sizes };
  await fetchMoved(git, since, tree, sizes);
  return { ...whole(tree), isChanges, sizes: await sizesOf(git, tree) };
}

async function fetchBefore(git: Git, commit: string): Promise<boolean> {
  try {
    await fetchCommit(git, commit, { name: "before", filter: "blob:none" });
    return true;
  } catch (error) {
    if (error instanceof GitFailure) return false;
    throw error;
  }
}

async function fetchCommit(
  git: Git,
  commit: string,
  { name, filter }: { name: string; filter: string },
): Promise<void> {
  const what = ["--depth=1", `--filter=${filter}`, "--no-tags", "--no-write-fetch-head", "--quiet"];
  await git.run(["fetch", ...what, "--", "origin", `+${commit}:refs/weft/${name}`]);
  await git.text(["rev-parse", "--verify", "--end-of-options", `refs/weft/${name}^{commit}`]);
}

/** A moved or copied file has bytes that existed before, which the host omitted. */
async function fetchMoved(git: Git, since: string, { files }: Tree, sizes: ReadonlyMap<string, number>): Promise<void> {
  const before = new Set((await readTree(git, since)).files.values());
  const missing = [...new Set(files.values())].filter((hash) => before.has(hash) && !sizes.has(hash));
  for (let begin = 0; begin < missing.length; begin += blobsPerFetch) {
    const what = ["--filter=blob:none", "--no-tags", "--no-write-fetch-head", "--quiet", "--stdin"];
    const hashes = missing.slice(begin, begin + blobsPerFetch);
    await git.run(["-c", "fetch.negotiationAlgorithm=noop", "fetch", ...what, "--", "origin"], hashes.join("\n"));
  }
}

/** Checks which objects are available without fetching the others. */
async function sizesOf(git: Git, { files }: Tree): Promise<Map<string, number>> {
  const needed = new Set(files.values());
  const sizes = new Map<string, number>();
  const process = git.start([
    "cat-file",
    "--batch-all-objects",
    "--unordered",
    "--batch-check=%(objectname) %(objectsize)",
  ]);
  process.end();
  let rest = "";
  for await (const chunk of process.output()) {
    const lines = (rest + chunk.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [hash = "", size] = line.split(" ");
      if (needed.has(hash)) sizes.set(hash, Number(size));
    }
  }
  return sizes;
}

function whole({ files, gone, unnameable }: Tree): Tree {
  return { files, gone, unnameable };
}
