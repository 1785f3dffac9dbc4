import { limits } from "../../../domain/limits.ts";
import { SourceError } from "../../source.ts";
import type { Git } from "./git.ts";

/** The files of a commit to read, and the deleted ones. */
export interface Tree {
  /** Regular files by path, with the hash of their bytes. Links and submodules are not files. */
  readonly files: ReadonlyMap<string, string>;
  readonly gone: readonly string[];
  /** Paths that are not UTF-8, as git prints them. */
  readonly unnameable: readonly string[];
}

/** All files of a commit. */
export async function readTree(git: Git, commit: string): Promise<Tree> {
  const tree = new OpenTree();
  for await (const record of git.records(["ls-tree", "-r", "-z", "--full-tree", commit])) {
    const tab = record.indexOf(tabByte);
    const [mode = "", , hash = ""] = record.toString("latin1", 0, tab).split(" ");
    tree.add(mode, hash, record.subarray(tab + 1));
  }
  return tree;
}

/** The changes between two commits. A renamed file is deleted and added. */
export async function readChanges(git: Git, before: string, after: string): Promise<Tree> {
  const tree = new OpenTree();
  let change: { mode: string; hash: string } | null = null;
  for await (const record of git.records(["diff-tree", "-r", "-z", "--raw", "--no-renames", before, after])) {
    if (change === null) {
      const [, mode = "", , hash = ""] = record.toString("latin1").split(" ");
      change = { mode, hash };
    } else {
      tree.add(change.mode, change.hash, record);
      change = null;
    }
  }
  return tree;
}

const tabByte = 9;
const regularFile = /^100/;

class OpenTree implements Tree {
  readonly files = new Map<string, string>();
  readonly gone: string[] = [];
  readonly unnameable: string[] = [];
  #bytes = 0;

  add(mode: string, hash: string, name: Buffer): void {
    this.#bytes += name.length;
    if (this.#bytes > limits.gitPathBytesMax) {
      throw new SourceError(
        `The paths of the repository's files have more than ${limits.gitPathBytesMax} bytes together.`,
      );
    }
    const path = decoded(name);
    const isFile = regularFile.test(mode);
    if (path === null) {
      if (isFile) this.unnameable.push(asGitShows(name));
    } else if (isFile) this.files.set(path, hash);
    else this.gone.push(path);
    if (this.files.size + this.gone.length + this.unnameable.length > limits.gitFilesMax) {
      throw new SourceError(`The repository has more than ${limits.gitFilesMax} files.`);
    }
  }
}

function decoded(name: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(name);
  } catch {
    return null;
  }
}

function asGitShows(name: Buffer): string {
  return name.toString("latin1").replaceAll(/[^\x20-\x7e]/g, (byte) => {
    return `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
}
