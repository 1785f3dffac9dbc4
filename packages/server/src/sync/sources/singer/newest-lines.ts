import type { TapSecrets } from "./tap-secrets.ts";

const linesMax = 20;
const lineLengthMax = 1_000;
const lineBytesKept = 4 * 1024;
const newline = 10;

interface KeptLine {
  readonly bytes: Buffer;
  /** Whether the line continues after these bytes. */
  readonly isCut: boolean;
}

/** The newest lines of a program's standard error. Any amount of output needs little memory and time. */
export class NewestLines {
  #lines: KeptLine[] = [];
  /** The beginning of the line that has not ended. */
  #begun: KeptLine = empty;

  add(chunk: Buffer): void {
    let at = this.#skipOldLines(chunk);
    for (let end = chunk.indexOf(newline, at); end >= 0; end = chunk.indexOf(newline, at)) {
      this.#extend(chunk.subarray(at, end));
      this.#endLine();
      at = end + 1;
    }
    this.#extend(chunk.subarray(at));
  }

  /** The lines without secrets, oldest first, with the last one even if it has not ended. */
  shown(secrets: TapSecrets): string[] {
    const lines = [...this.#lines, this.#begun].map(({ bytes, isCut }) => {
      const text = secrets.removeFrom(bytes.toString());
      // A cut line may end with a part of a secret, which is not recognized.
      const whole = isCut ? text.slice(0, Math.max(0, text.length - secrets.lengthMax)) : text;
      return whole.slice(0, lineLengthMax).toWellFormed().trim();
    });
    return lines.filter((line) => line !== "").slice(-linesMax);
  }

  /** Where the last lines of a chunk begin; 0 when it has few. */
  #skipOldLines(chunk: Buffer): number {
    let at = chunk.length;
    for (let count = 0; count <= linesMax; count++) {
      at = at > 0 ? chunk.lastIndexOf(newline, at - 1) : -1;
      if (at < 0) return 0;
    }
    this.#begun = empty;
    return at + 1;
  }

  #extend(part: Buffer): void {
    const { bytes, isCut } = this.#begun;
    const room = lineBytesKept - bytes.length;
    if (part.length === 0) return;
    if (room > 0) this.#begun = { bytes: Buffer.concat([bytes, part.subarray(0, room)]), isCut: part.length > room };
    else this.#begun = { bytes, isCut: isCut || part.length > 0 };
  }

  #endLine(): void {
    if (this.#begun.bytes.length > 0) this.#lines = [...this.#lines, this.#begun].slice(-linesMax);
    this.#begun = empty;
  }
}

const empty: KeptLine = { bytes: Buffer.alloc(0), isCut: false };
