import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

/** Lines, compressed as they arrive, in parts of a bounded size. */
export class CompressedLines {
  readonly #partBytesMax: number;
  readonly #chunkLength: number;
  #lines: string[] = [];
  #length = 0;
  #members: Buffer[] = [];
  #bytes = 0;

  /** Compresses about `chunkLength` characters at a time, and ends a part that has more than `partBytesMax` bytes. */
  constructor({ partBytesMax, chunkLength }: { partBytesMax: number; chunkLength: number }) {
    this.#partBytesMax = partBytesMax;
    this.#chunkLength = chunkLength;
  }

  /** Returns a part when this line completed one. */
  async add(line: string): Promise<Buffer | null> {
    this.#lines.push(line, "\n");
    this.#length += line.length + 1;
    if (this.#length < this.#chunkLength) return null;
    await this.#compressChunk();
    return this.#bytes < this.#partBytesMax ? null : this.#takePart();
  }

  /** Returns the lines that are in no part yet; null without any. */
  async end(): Promise<Buffer | null> {
    if (this.#length > 0) await this.#compressChunk();
    return this.#bytes === 0 ? null : this.#takePart();
  }

  // A file of several gzip members decompresses to their concatenation.
  async #compressChunk(): Promise<void> {
    const text = this.#lines.join("");
    this.#lines = [];
    this.#length = 0;
    const member = await compress(text);
    this.#members.push(member);
    this.#bytes += member.length;
  }

  #takePart(): Buffer {
    const part = Buffer.concat(this.#members);
    this.#members = [];
    this.#bytes = 0;
    return part;
  }
}
