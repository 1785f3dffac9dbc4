import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { SingerTap } from "../../../domain/singer-tap.ts";
import { SourceError } from "../../source.ts";
import { NewestLines } from "./newest-lines.ts";
import type { TapSecrets } from "./tap-secrets.ts";

export interface TapProcessParts {
  /** The name of the tap, for errors. */
  readonly name: string;
  readonly tap: Pick<
    SingerTap,
    "command" | "runMsMax" | "silentMsMax" | "outputBytesMax" | "lineBytesMax" | "memoryBytesMax"
  >;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly secrets: TapSecrets;
  /** Receives the newest lines of standard error when the tap has ended. */
  readonly note: (line: string) => void;
  /** Aborted to end a running process. */
  readonly signal: AbortSignal;
}

/** A program that has ended may have left processes that keep its output open. Their output is awaited for this time. */
const leftOpenMs = 1_000;
const newline = 10;

/** One run of a tap, with the processes that it starts. */
export class TapProcess {
  readonly #parts: TapProcessParts;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #stderr = new NewestLines();
  /** Resolves with the exit status, or null when it could not start or a signal ended it. */
  readonly #exited: Promise<number | null>;
  readonly #over = new AbortController();
  #hasExited = false;
  #outputBytes = 0;
  /** Ends a program that writes nothing while its output is awaited. */
  #silence: NodeJS.Timeout | undefined;
  /** Why it was ended, or could not start. */
  #reason: unknown = null;
  #wake = () => {};

  constructor(args: readonly string[], parts: TapProcessParts) {
    this.#parts = parts;
    const { tap, folder, environment, signal } = parts;
    // It has its own process group, so that the processes that it starts end with it.
    const child = spawn(...boundedCommand(tap, args), {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once("error", (cause) => {
        this.#reason ??= new SourceError(`The tap ${parts.name} could not be started where this Weft runs.`, { cause });
        resolve(null);
      });
      child.once("exit", (code) => resolve(code));
    });
    void this.#exited.then(() => {
      this.#hasExited = true;
      this.#killGroup();
      this.#wake();
    });
    for (const output of [child.stdout, child.stderr]) output.on("error", () => {});
    child.stdout.on("readable", () => this.#wake());
    child.stdout.on("close", () => this.#wake());
    child.stderr.on("data", (chunk: Buffer) => {
      this.#count(chunk);
      this.#stderr.add(chunk);
    });
    const over = this.#over.signal;
    signal.addEventListener("abort", () => this.kill(signal.reason), { once: true, signal: over });
    if (signal.aborted) this.kill(signal.reason);
    const timer = setTimeout(() => this.kill(tookTooLong(parts)), tap.runMsMax);
    over.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }

  /**
   * The lines of its output in the pieces in which they arrive. Throws when it failed or was ended. Leaving the iteration ends it.
   */
  async *lines(): AsyncGenerator<readonly string[]> {
    const { lineBytesMax } = this.#parts.tap;
    try {
      let begun: Buffer[] = [];
      let begunBytes = 0;
      for await (const chunk of this.#chunks()) {
        const lines: string[] = [];
        let at = 0;
        for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, at)) {
          if (begunBytes + end - at > lineBytesMax) break;
          const line = chunk.subarray(at, end);
          lines.push((begunBytes === 0 ? line : Buffer.concat([...begun, line])).toString());
          begun = [];
          begunBytes = 0;
          at = end + 1;
        }
        begun.push(chunk.subarray(at));
        begunBytes += chunk.length - at;
        yield lines;
        if (begunBytes > lineBytesMax) throw this.#lineTooLong();
      }
      yield [Buffer.concat(begun).toString()];
      await this.#checkEnd();
    } finally {
      this.kill(null);
      this.#over.abort();
      for (const line of this.#stderr.shown(this.#parts.secrets)) this.#parts.note(line);
      this.#child.stdout.destroy();
      this.#child.stderr.destroy();
    }
  }

  /** Ends it at once, with all processes that it started. */
  kill(reason: unknown): void {
    this.#reason ??= reason;
    this.#killGroup();
    this.#wake();
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    const { stdout } = this.#child;
    for (;;) {
      if (this.#reason !== null) throw this.#reason;
      const chunk = stdout.read() as Buffer | null;
      if (chunk !== null) {
        this.#count(chunk);
        yield chunk;
      } else if (stdout.readableEnded || stdout.destroyed || !(await this.#change())) return;
    }
  }

  /**
   * Waits for output or the end. Returns false when the program has ended, and no process that it left writes any more. Ends a
   * program that is silent for too long.
   */
  async #change(): Promise<boolean> {
    const { stdout } = this.#child;
    this.#silence = setTimeout(() => this.kill(wasSilent(this.#parts)), this.#parts.tap.silentMsMax);
    try {
      while (this.#reason === null && stdout.readableLength === 0 && !stdout.readableEnded && !stdout.destroyed) {
        if (!(await this.#woken(this.#hasExited ? leftOpenMs : null))) return false;
      }
      return true;
    } finally {
      clearTimeout(this.#silence);
      this.#silence = undefined;
    }
  }

  /** Returns false if nothing has happened for this time. */
  #woken(waitMs: number | null): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = waitMs === null ? undefined : setTimeout(() => resolve(false), waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  /** Waits for the end of a program that has closed its output. */
  async #checkEnd(): Promise<void> {
    const timer = setTimeout(() => this.kill(wasSilent(this.#parts)), this.#parts.tap.silentMsMax);
    const code = await this.#exited;
    clearTimeout(timer);
    if (this.#reason !== null) throw this.#reason;
    if (code !== 0) throw this.#failure(code);
  }

  #failure(code: number | null): SourceError {
    const { name, secrets } = this.#parts;
    if (code === notFoundCode || code === notExecutableCode) {
      return new SourceError(
        `The program of the tap ${name} is not installed, or cannot be run, where this Weft runs. Ask the operator to check WEFT_SINGER_TAPS.`,
      );
    }
    const last = this.#stderr.shown(secrets).at(-1);
    const how = code === null ? "was ended by a signal" : `ended with exit status ${code}`;
    return new SourceError(`The tap ${name} ${how}${last === undefined ? "." : `: ${last}`}`);
  }

  #count(chunk: Buffer): void {
    this.#silence?.refresh();
    this.#outputBytes += chunk.length;
    const { name, tap } = this.#parts;
    if (this.#outputBytes <= tap.outputBytesMax) return;
    this.kill(new SourceError(`The tap ${name} wrote more than ${mebibytes(tap.outputBytesMax)}, which is its limit.`));
  }

  #lineTooLong(): SourceError {
    const { name, tap } = this.#parts;
    return new SourceError(
      `The tap ${name} wrote a line of more than ${mebibytes(tap.lineBytesMax)}, which is its limit for one message.`,
    );
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // All of its processes have ended.
    }
  }
}

/** The exit statuses of a shell when a program does not exist, or is no program. */
const notFoundCode = 127;
const notExecutableCode = 126;

/**
 * The shell's limit also applies to the processes that the tap starts. The tap ends with this process. A system without such a
 * limit, or without `setpriv`, runs it without them.
 */
function boundedCommand(
  { command, memoryBytesMax }: Pick<SingerTap, "command" | "memoryBytesMax">,
  args: readonly string[],
): [command: string, args: string[]] {
  const [program = "", ...firstArgs] = command;
  if (process.platform === "win32") return [program, [...firstArgs, ...args]];
  const kibibytes = String(Math.floor(memoryBytesMax / 1024));
  const bounded =
    'ulimit -d "$0" 2>/dev/null; ulimit -c 0 2>/dev/null; ' +
    'command -v setpriv >/dev/null && exec setpriv --pdeathsig KILL "$@"; exec "$@"';
  return ["/bin/sh", ["-c", bounded, kibibytes, program, ...firstArgs, ...args]];
}

function tookTooLong({ name, tap }: TapProcessParts): SourceError {
  return new SourceError(
    `The tap ${name} ran longer than ${seconds(tap.runMsMax)}, which is its limit, and was ended.`,
  );
}

function wasSilent({ name, tap }: TapProcessParts): SourceError {
  return new SourceError(`The tap ${name} wrote nothing for ${seconds(tap.silentMsMax)} and was ended.`);
}

function seconds(ms: number): string {
  return `${ms / 1_000} seconds`;
}

function mebibytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes} bytes` : `${Math.floor(bytes / 1024 / 1024)} MiB`;
}
