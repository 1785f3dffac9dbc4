import { createWriteStream } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Pack, pack } from "tar-stream";

type Header = Parameters<Pack["entry"]>[0];

/**
 * Writes a folder as a `.tar.gz` whose bytes depend only on names, contents, executable bits and the given time. `below` is the
 * folder in the archive, such as `weft-0.1.0/`; empty for its top level.
 */
export async function writeArchive(params: {
  readonly folder: string;
  readonly below: string;
  readonly time: Date;
  readonly path: string;
}): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createGzip(), createWriteStream(params.path));
  await Promise.all([
    addFolder(archive, params.folder, params.below, params.time).then(() => archive.finalize()),
    written,
  ]);
}

async function addFolder(archive: Pack, folder: string, below: string, time: Date): Promise<void> {
  const names = (await readdir(folder)).sort();
  for (const name of names) {
    const path = join(folder, name);
    const stats = await lstat(path);
    const entry = { name: `${below}${name}`, mtime: time, uid: 0, gid: 0, uname: "root", gname: "root" };
    if (stats.isDirectory()) {
      await add(archive, { ...entry, name: `${entry.name}/`, type: "directory", mode: 0o755 });
      await addFolder(archive, path, `${entry.name}/`, time);
    } else if (stats.isSymbolicLink()) {
      await add(archive, { ...entry, type: "symlink", linkname: await readlink(path), mode: 0o777 });
    } else {
      await add(archive, { ...entry, mode: modeOf(stats.mode) }, await readFile(path));
    }
  }
}

/** The mode of a file, independent of the umask of the checkout. */
export function modeOf(mode: number): number {
  return (mode & 0o100) === 0 ? 0o644 : 0o755;
}

function add(archive: Pack, header: Header, content = Buffer.alloc(0)): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, content, (error) => (error ? reject(error) : resolve()));
  });
}
