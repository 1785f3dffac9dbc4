import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { SourceError } from "../../source.ts";
import { gitFailure } from "./git-failure.ts";

export interface GitPlace {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted to end whatever runs. */
  readonly signal: AbortSignal;
}

const stderrKept = 4_096;

/** One run of the program `git`, with whatever it starts itself. */
export class GitProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<void>;
  #isClosed = false;
  #stderr = "";
  /** Why it was ended, or could not begin. */
  #reason: unknown = null;

  constructor(args: readonly string[], { folder, environment, signal }: GitPlace) {
    // A group of its own: git starts others (ssh, git-remote-https), which must end with it.
    const child = spawn("git", args, { cwd: folder, env: environment, detached: true });
    this.#child = child;
    const onAbort = () => this.kill(signal.reason);
    this.#closed = new Promise((resolve) => {
      child.once("error", (error) => {
        this.#reason ??= unstarted(error);
        resolve();
      });
      child.once("close", (code) => {
        if (code !== 0) this.#reason ??= gitFailure(this.#stderr);
        resolve();
      });
    });
    void this.#closed.then(() => {
      this.#isClosed = true;
      signal.removeEventListener("abort", onAbort);
    });
    child.stdin.on("error", () => {}); // it ended without reading everything
    child.stderr.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + String(chunk)).slice(-stderrKept);
    });
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  }

  /** Says something on its standard input. */
  write(text: string): void {
    this.#child.stdin.write(text);
  }

  end(text = ""): void {
    this.#child.stdin.end(text);
  }

  /** What it says, as it says it. Throws when it failed or was ended. Who stops listening ends it. */
  async *output(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#child.stdout) yield chunk as Buffer;
      await this.#closed;
      if (this.#reason !== null) throw this.#reason;
    } finally {
      this.kill(null);
      await this.#closed;
    }
  }

  /** Ends it at once, with all that it has started. */
  kill(reason: unknown): void {
    this.#reason ??= reason;
    const { pid } = this.#child;
    if (this.#isClosed || pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
}

function unstarted(error: Error): SourceError {
  const isMissing = "code" in error && error.code === "ENOENT";
  return new SourceError(
    isMissing
      ? "The program `git` is not installed where this Weft runs, and this source needs it."
      : "The program `git` could not be started.",
    { cause: error },
  );
}
