import { constants, type Dirent } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { SourceError } from "../../source.ts";

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_DIRECTORY = 0 } = constants;
// A link at the end of a path is refused, and a pipe must not hold the reader up.
const fileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
const folderFlags = O_RDONLY | O_NOFOLLOW | O_DIRECTORY;

/** Something in the path was replaced by a link. */
export class MovedError extends Error {
  override readonly name = "MovedError";
  readonly code = "ELOOP";
}

/**
 * A folder that lies in one of those that the operator opened, kept open. What is read below it lies below it: a path that
 * leads elsewhere, because a step of it was replaced by a symbolic link, is refused after it was opened and before anything
 * is read.
 */
export class OpenedFolder implements AsyncDisposable {
  /** Without links in it. */
  readonly path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Throws a SourceError when it is not in an opened folder, or not there. Of what lies outside it says nothing: not even
   * whether it exists.
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

  /** Where another program of this machine finds the folder while it is kept open, also when its name is another's by then. */
  get heldPath(): string {
    return hasProcessFolder ? `/proc/${process.pid}/fd/${this.#handle.fd}` : this.path;
  }

  /** Lists a folder below, by its path with forward slashes; the empty path is this one. Throws what the system says. */
  async list(path: string): Promise<Dirent[]> {
    await using folder = await openAt(this.#below(path), folderFlags);
    if (hasProcessFolder) return await readdir(`/proc/self/fd/${folder.fd}`, { withFileTypes: true });
    const found = await readdir(this.#below(path), { withFileTypes: true });
    await requirePath(folder, this.#below(path));
    return found;
  }

  /** Opens a file below. Throws what the system says, and a MovedError. */
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

// Linux says there which file a descriptor stands for.
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

/** Makes sure that what was opened is what the path names, with no link on the way. */
async function requirePath(handle: FileHandle, path: string): Promise<void> {
  if (hasProcessFolder) {
    if ((await readlink(`/proc/self/fd/${handle.fd}`)) === path) return;
    throw new MovedError(`${path} leads elsewhere.`);
  }
  const [opened, real, named] = await Promise.all([handle.stat(), realpath(path), lstat(path)]);
  const isSame = opened.ino === named.ino && opened.dev === named.dev && real === path;
  if (!isSame) throw new MovedError(`${path} leads elsewhere.`);
}

/** The path without links. The disk is asked only about what lies in an opened folder by its name already. */
async function allowedPath(path: string, allowedFolders: readonly string[]): Promise<string> {
  const wanted = resolve(path);
  const roots = await Promise.all(
    allowedFolders.map(async (root) => ({ root, real: await realpath(root).catch(() => null) })),
  );
  const isAllowed = (place: string) => roots.some(({ real }) => real !== null && isInside(real, place));
  const isNamed = roots.some(({ root, real }) => isInside(root, wanted) || (real !== null && isInside(real, wanted)));
  if (!isNamed) throw notOpened(path);
  const folder = await realpath(wanted).catch(() => null);
  if (folder !== null && isAllowed(folder)) return folder;
  const isMissing = folder === null && (await isMissingInside(wanted, isAllowed));
  throw isMissing ? new SourceError(`The folder ${path} does not exist.`) : notOpened(path);
}

/** Whether a path ends in an opened folder: every step that is there leads inside, and the next one is not there at all. */
async function isMissingInside(path: string, isAllowed: (place: string) => boolean): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    const above = dirname(at);
    if (above === at) return false;
    const real = await realpath(above).catch(() => null);
    if (real === null) continue;
    // A link without a target leads somewhere that is not there, which is nobody's business here.
    const isThere = (await lstat(at).catch(() => null)) !== null;
    return isAllowed(real) && !isThere;
  }
}

function isInside(root: string, folder: string): boolean {
  const way = relative(root, folder);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function notOpened(path: string): SourceError {
  return new SourceError(`The folder ${path} is not one that the operator of this Weft opened for syncing.`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
