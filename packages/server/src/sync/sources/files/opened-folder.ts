import { constants, type Dirent } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { SourceError } from "../../source.ts";

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_DIRECTORY = 0 } = constants;
// A link at the end of a path is rejected, and a pipe must not block the reader.
const fileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
const folderFlags = O_RDONLY | O_NOFOLLOW | O_DIRECTORY;

/** A segment of the path was replaced by a link. */
export class MovedError extends Error {
  override readonly name = "MovedError";
  readonly code = "ELOOP";
}

/**
 * A folder inside one of the allowed folders, kept open. Everything that is read below it is inside it: if a segment of a path
 * was replaced by a symbolic link, the opened file is rejected before anything is read.
 */
export class OpenedFolder implements AsyncDisposable {
  /** The path without links. */
  readonly path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Throws a SourceError when it is not inside an allowed folder, or does not exist. The error does not reveal whether a folder
   * outside exists.
   */
  static async open(path: string, allowedFolders: readonly string[]): Promise<OpenedFolder> {
    const folder = await allowedPath(path, allowedFolders);
    const handle = await openAt(folder, folderFlags).catch((error: unknown) => {
      throw codeOf(error) === "ENOTDIR"
        ? new SourceError(`${path} is not a folder.`)
        : new SourceError(`The folder ${path} cannot be opened (${codeOf(error)}).`, { cause: error });
    });
    return new OpenedFolder(folder, handle);
  }

  /**
   * A path by which other programs of this machine reach the open folder, even if its name belongs to another folder by then.
   */
  get heldPath(): string {
    return hasProcessFolder ? `/proc/${process.pid}/fd/${this.#handle.fd}` : this.path;
  }

  /** Lists a folder below by its path with forward slashes; the empty path is this folder. Throws the system's error. */
  async list(path: string): Promise<Dirent[]> {
    await using folder = await openAt(this.#below(path), folderFlags);
    if (hasProcessFolder) return await readdir(`/proc/self/fd/${folder.fd}`, { withFileTypes: true });
    const found = await readdir(this.#below(path), { withFileTypes: true });
    await requirePath(folder, this.#below(path));
    return found;
  }

  /** Opens a file below. Throws the system's error, and a MovedError. */
  openFile(path: string): Promise<FileHandle> {
    return openAt(this.#below(path), fileFlags);
  }

  #below(path: string): string {
    return path === "" ? this.path : join(this.path, ...path.split("/"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

// Linux shows there which file a descriptor refers to.
const hasProcessFolder = process.platform === "linux";

async function openAt(path: string, flags: number): Promise<FileHandle> {
  const handle = await open(path, flags);
  try {
    await requirePath(handle, path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Ensures that the opened file is the one at the path, without a link on the way. */
async function requirePath(handle: FileHandle, path: string): Promise<void> {
  if (hasProcessFolder) {
    if ((await readlink(`/proc/self/fd/${handle.fd}`)) === path) return;
    throw new MovedError(`${path} leads elsewhere.`);
  }
  const [opened, real, named] = await Promise.all([handle.stat(), realpath(path), lstat(path)]);
  const isSame = opened.ino === named.ino && opened.dev === named.dev && real === path;
  if (!isSame) throw new MovedError(`${path} leads elsewhere.`);
}

/** Resolves links in a path. The disk is only read if the path is inside an allowed folder by name. */
async function allowedPath(path: string, allowedFolders: readonly string[]): Promise<string> {
  const resolved = resolve(path);
  const roots = await Promise.all(
    allowedFolders.map(async (root) => ({ root, real: await realpath(root).catch(() => null) })),
  );
  const isAllowed = (target: string) => roots.some(({ real }) => real !== null && isInside(real, target));
  const isNamed = roots.some(
    ({ root, real }) => isInside(root, resolved) || (real !== null && isInside(real, resolved)),
  );
  if (!isNamed) throw notOpened(path);
  const folder = await realpath(resolved).catch(() => null);
  if (folder !== null && isAllowed(folder)) return folder;
  const isMissing = folder === null && (await isMissingInside(resolved, isAllowed));
  throw isMissing ? new SourceError(`The folder ${path} does not exist.`) : notOpened(path);
}

/** Whether a path leads into an allowed folder: every existing segment is inside, and the next one does not exist. */
async function isMissingInside(path: string, isAllowed: (target: string) => boolean): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    const above = dirname(at);
    if (above === at) return false;
    const real = await realpath(above).catch(() => null);
    if (real === null) continue;
    // A link without a target does not exist here, which is no error.
    const isThere = (await lstat(at).catch(() => null)) !== null;
    return isAllowed(real) && !isThere;
  }
}

function isInside(root: string, folder: string): boolean {
  const way = relative(root, folder);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function notOpened(path: string): SourceError {
  return new SourceError(`The folder ${path} is not in a folder that the operator of this Weft allowed for syncing.`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
