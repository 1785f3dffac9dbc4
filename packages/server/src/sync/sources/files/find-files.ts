import nodeFs from "node:fs";
import { relative, sep } from "node:path";
import { glob } from "tinyglobby";
import { limits } from "../../../domain/limits.ts";
import { SourceError, type SourceProblem } from "../../source.ts";

export interface FoundFiles {
  /** Paths below the folder, with forward slashes, in order. */
  readonly ids: readonly string[];
  /** Folders that could not be looked into. */
  readonly problems: readonly SourceProblem[];
}

/** The form of node:fs readdir that the library uses. */
export type Readdir = (
  path: string,
  options: { withFileTypes: true },
  done: (error: NodeJS.ErrnoException | null, found: nodeFs.Dirent[]) => void,
) => void;

/** Finds a folder's files. Symbolic links are not followed, and a folder that cannot be read is a problem, not an end. */
export async function findFiles(params: {
  folder: string;
  include: readonly string[];
  exclude: readonly string[];
  signal: AbortSignal;
  /** How a folder is listed; only a test brings its own. */
  readdir?: Readdir;
}): Promise<FoundFiles> {
  const { folder, signal } = params;
  const unreadable: string[] = [];
  const ids = await glob(params.include, {
    cwd: folder,
    ignore: params.exclude,
    dot: true,
    expandDirectories: false,
    followSymbolicLinks: false,
    signal,
    fs: { readdir: noticingErrors(params.readdir ?? nodeFs.readdir, (path) => unreadable.push(path)) },
  });
  signal.throwIfAborted();
  if (unreadable.includes(folder)) throw new SourceError(`The folder ${folder} cannot be read.`);
  if (ids.length > limits.directoryFilesMax) {
    throw new SourceError(
      `More than ${limits.directoryFilesMax} files match. Narrow \`include\`, or split the folder.`,
    );
  }
  return { ids: ids.sort(), problems: unreadable.map((path) => problemOf(folder, path)) };
}

// The library leaves out what it cannot list; here that must not look as if the files were gone.
function noticingErrors(list: Readdir, notice: (path: string) => void): typeof nodeFs.readdir {
  const readdir: Readdir = (path, options, done) =>
    list(path, options, (error, found) => {
      if (error !== null) notice(withoutTail(path));
      done(error, found);
    });
  return readdir as typeof nodeFs.readdir;
}

function withoutTail(path: string): string {
  return path.length > 1 && (path.endsWith("/") || path.endsWith(sep)) ? path.slice(0, -1) : path;
}

function problemOf(folder: string, path: string): SourceProblem {
  const id = `${relative(folder, path).replaceAll(sep, "/")}/`;
  return { kind: "problem", id, reason: "The folder cannot be read.", keeps: "everything" };
}
