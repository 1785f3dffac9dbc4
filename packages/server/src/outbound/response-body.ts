/** Collects the first bytes of a response body, in bounded memory however small its chunks are. */
export class ResponseBody {
  readonly #bytesKept: number;
  #kept: Buffer = nothing;
  #keptLength = 0;
  #length = 0;

  constructor(bytesKept: number) {
    this.#bytesKept = bytesKept;
  }

  /** Received bytes, kept or not. */
  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    const room = this.#bytesKept - this.#keptLength;
    this.#length += chunk.length;
    if (room === 0) return;
    const piece = chunk.length > room ? chunk.subarray(0, room) : chunk;
    if (this.#keptLength === 0) {
      // Most responses arrive in one chunk, which needs no copy.
      this.#kept = piece;
    } else {
      if (this.#kept.length < this.#bytesKept) this.#kept = grown(this.#kept, this.#bytesKept);
      piece.copy(this.#kept, this.#keptLength);
    }
    this.#keptLength += piece.length;
  }

  /**
   * Decodes to valid UTF-8: invalid bytes become U+FFFD, and so does NUL, which PostgreSQL cannot store. A truncated character
   * is dropped.
   */
  text(): string {
    if (this.#keptLength === 0) return "";
    const kept = this.#kept.subarray(0, this.#keptLength);
    const cut = this.#length > this.#keptLength;
    const text = cut ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(kept, { stream: true }) : kept.toString();
    return text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
  }
}

const nothing = Buffer.alloc(0);

function grown(bytes: Buffer, size: number): Buffer {
  const larger = Buffer.allocUnsafe(size);
  bytes.copy(larger);
  return larger;
}
