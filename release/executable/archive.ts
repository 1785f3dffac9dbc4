import { createHash } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";

/** The files of an installation, by their path with `/`. */
export type Files = ReadonlyMap<string, Buffer>;

/**
 * Packs files into one compressed text, which `launch.cjs` unpacks: the length of an index, the index with the path and the
 * length of each file, and the files. Equal files are packed into equal bytes.
 */
export function archiveOf(files: Files): Buffer {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const index = Buffer.from(JSON.stringify(sorted.map(([path, bytes]) => [path, bytes.length])));
  const indexLength = Buffer.alloc(4);
  indexLength.writeUInt32BE(index.length);
  const whole = Buffer.concat([indexLength, index, ...sorted.map(([, bytes]) => bytes)]);
  return brotliCompressSync(whole, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: whole.length,
    },
  });
}

/** Names the content of an archive. Each build is installed in a folder of this name. */
export function buildName(version: string, archive: Buffer): string {
  return `${version}-${createHash("sha256").update(archive).digest("hex").slice(0, 16)}`;
}
