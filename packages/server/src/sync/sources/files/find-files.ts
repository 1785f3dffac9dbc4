import type { Dirent } from "node:fs";
import { limits } from "../../../domain/limits.ts";
import { SourceError, type SourceProblem } from "../../source.ts";
import type { FileMatching } from "./file-matching.ts";

export interface FoundFiles {
  /** Paths below the folder, with forward slashes, in order. */
  readonly ids: readonly string[];
  /** Folders that could not be read. */
  readonly problems: readonly SourceProblem[];
}

/** Lists a folder by its path below the searched folder; the empty path is the searched folder itself. */
export type ListFolder = (path: string) => Promise<readonly Pick<Dirent, "name" | "isDirectory" | "isFile">[]>;

const foldersAtOnce = 16;

/** Finds a folder's files. Symbolic links are not followed, and an unreadable folder is a problem, not an error. */
export async function findFiles({
  list,
  matching,
  signal,
}: {
  list: ListFolder;
  matching: FileMatching;
  signal: AbortSignal;
}): Promise<FoundFiles> {
  const problems: SourceProblem[] = [];
  const inFolder = new Map<string, string[]>();
  let count = 0;
  const line = [""];
  for (let begin = 0; begin < line.length; ) {
    signal.throwIfAborted();
    const some = line.slice(begin, begin + foldersAtOnce);
    begin += some.length;
    const entries = await Promise.all(some.map((folder) => entriesOf(folder, list, problems)));
    const taken = await matching.match({
      files: entries.flatMap(({ files }) => files),
      folders: entries.flatMap(({ folders }) => folders),
    });
    for (const path of [...taken.files, ...taken.folders.map((folder) => `${folder}/`)]) {
      const folder = path.slice(0, Math.max(path.lastIndexOf("/", path.length - 2), 0));
      const siblings = inFolder.get(folder) ?? [];
      inFolder.set(folder, siblings);
      siblings.push(path);
    }
    for (const folder of taken.folders) line.push(folder);
    count += taken.files.length;
    if (count > limits.directoryFilesMax || line.length > limits.directoryFoldersMax) throw tooMany();
  }
  return { ids: [...inOrder(inFolder)], problems };
}

async function entriesOf(
  folder: string,
  list: ListFolder,
  problems: SourceProblem[],
): Promise<{ files: string[]; folders: string[] }> {
  const found = await list(folder).catch(() => null);
  if (found === null) {
    if (folder === "") throw new SourceError("The folder cannot be read.");
    problems.push({ kind: "problem", id: `${folder}/`, reason: "The folder cannot be read.", keeps: "everything" });
    return { files: [], folders: [] };
  }
  const pathOf = ({ name }: { name: string }) => (folder === "" ? name : `${folder}/${name}`);
  return {
    files: found.filter((entry) => entry.isFile()).map(pathOf),
    folders: found.filter((entry) => entry.isDirectory()).map(pathOf),
  };
}

/** It searches folder by folder, so that no list of all files has to be sorted. A folder's path ends with a slash. */
function* inOrder(inFolder: ReadonlyMap<string, readonly string[]>): Generator<string> {
  const open = [(inFolder.get("") ?? []).toSorted().reverse()];
  while (open.length > 0) {
    const next = open.at(-1)?.pop();
    if (next === undefined) open.pop();
    else if (next.endsWith("/")) open.push((inFolder.get(next.slice(0, -1)) ?? []).toSorted().reverse());
    else yield next;
  }
}

function tooMany(): SourceError {
  return new SourceError(
    `More than ${limits.directoryFilesMax} files match, or there are more than ${limits.directoryFoldersMax} folders. Narrow \`include\`, or split the folder.`,
  );
}
