import type { Git } from "./git.ts";
import type { GitProcess } from "./git-process.ts";

/** Reads the bytes of files in the repository in sequence, through one `git cat-file` process. */
export class BlobReader implements AsyncDisposable {
  readonly #process: GitProcess;
  readonly #output: AsyncGenerator<Buffer>;
  #buffered: Buffer = Buffer.alloc(0);
  #last: Promise<unknown> = Promise.resolve();

  constructor(git: Git) {
    this.#process = git.start(["cat-file", "--batch"]);
    this.#output = this.#process.output();
  }

  /** Further requests may be made before the first response; responses are in order. */
  read(hash: string): Promise<Buffer> {
    this.#process.write(`${hash}\n`);
    const response = this.#last.then(() => this.#response());
    this.#last = response.catch(() => {});
    return response;
  }

  async #response(): Promise<Buffer> {
    const header = await this.#line();
    const size = /^\S+ blob (\d+)$/.exec(header)?.[1];
    if (size === undefined) throw new Error(`Git did not return a file, but: ${header.slice(0, 100)}`);
    const bytes = await this.#take(Number(size) + 1);
    return bytes.subarray(0, -1); // a line feed follows
  }

  async #line(): Promise<string> {
    while (!this.#buffered.includes(lineFeed)) await this.#more(0);
    const line = await this.#take(this.#buffered.indexOf(lineFeed) + 1);
    return line.toString("latin1", 0, line.length - 1);
  }

  async #take(length: number): Promise<Buffer> {
    if (this.#buffered.length < length) await this.#more(length);
    const taken = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    return taken;
  }

  /** Waits until at least `length` bytes have arrived. */
  async #more(length: number): Promise<void> {
    const chunks = [this.#buffered];
    let bytes = this.#buffered.length;
    do {
      const next = await this.#output.next();
      if (next.done === true) throw new Error("Git ended before it had read every file.");
      chunks.push(next.value);
      bytes += next.value.length;
    } while (bytes < length);
    this.#buffered = Buffer.concat(chunks);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill(null);
    await this.#output.return(undefined);
  }
}

const lineFeed = 10;
