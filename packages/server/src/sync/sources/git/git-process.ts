import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { limits } from "../../../domain/limits.ts";
import { SourceError } from "../../source.ts";
import { gitFailure } from "./git-failure.ts";

export interface GitContext {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted to end a running process. */
  readonly signal: AbortSignal;
}

const stderrKept = 4_096;

/** One run of the program `git`, with the processes that it starts. */
export class GitProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<void>;
  #isClosed = false;
  #stderr = "";
  /** Why it was ended, or could not start. */
  #reason: unknown = null;

  constructor(args: readonly string[], { folder, environment, signal }: GitContext) {
    // It has its own process group, because git starts others (ssh, git-remote-https) that must end with it.
    const child = spawn(...boundedGit(args), { cwd: folder, env: environment, detached: true });
    this.#child = child;
    const onAbort = () => this.kill(signal.reason);
    this.#closed = new Promise((resolve) => {
      child.once("error", (error) => {
        this.#reason ??= unstarted(error);
        resolve();
      });
      child.once("close", (code) => {
        if (code === notFoundCode) this.#reason ??= missing();
        if (code !== 0) this.#reason ??= gitFailure(this.#stderr);
        resolve();
      });
    });
    void this.#closed.then(() => {
      this.#isClosed = true;
      signal.removeEventListener("abort", onAbort);
    });
    child.stdin.on("error", () => {}); // it ended without reading everything
    child.stderr.on("error", () => {});
    child.stderr.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + String(chunk)).slice(-stderrKept);
    });
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  }

  /** Writes to its standard input. */
  write(text: string): void {
    this.#child.stdin.write(text);
  }

  end(text = ""): void {
    this.#child.stdin.end(text);
  }

  /** Its output as it arrives. Throws when it failed or was ended. Leaving the iteration ends it. */
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

  /** Ends it at once, with all processes that it started. */
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

/** The exit status of a shell when a program does not exist. */
const notFoundCode = 127;

/**
 * A packed object may claim any size, and git would allocate that. The shell's limit also applies to the processes that git
 * starts; a system without such a limit runs git without it.
 */
function boundedGit(args: readonly string[]): [command: string, args: string[]] {
  if (process.platform === "win32") return ["git", [...args]];
  const kibibytes = String(limits.gitMemoryBytesMax / 1024);
  return ["/bin/sh", ["-c", 'ulimit -v "$0" 2>/dev/null; exec git "$@"', kibibytes, ...args]];
}

function unstarted(error: Error): SourceError {
  const isMissing = "code" in error && error.code === "ENOENT";
  return isMissing ? missing() : new SourceError("The program `git` could not be started.", { cause: error });
}

function missing(): SourceError {
  return new SourceError("The program `git` is not installed where this Weft runs, and this source needs it.");
}
