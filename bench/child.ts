// A process of the benchmark, and the calls that it handles for its parent.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

type Questions = Readonly<Record<string, (params: never) => unknown>>;

interface PendingResponse {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

interface ChildQuestion {
  readonly id: number;
  readonly name: string;
  readonly params: unknown;
}

interface ChildResponse {
  readonly id: number;
  readonly value: unknown;
  readonly error: string | null;
}

export interface ChildOptions {
  /** File name of the program in this folder. */
  readonly program: string;
  readonly nodeOptions?: readonly string[];
  /** Kills the process at once. */
  readonly signal: AbortSignal;
}

const compiledCode = fileURLToPath(new URL("../packages/server/.cache", import.meta.url));
// A server that stops finishes running work within ten seconds.
const leaveMs = 15_000;

/** A running process, typed by the calls that it handles. Disposing ends it. */
export class Child<Responses extends Questions> implements AsyncDisposable {
  readonly #program: string;
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, PendingResponse>();
  #nextId = 0;
  #failure: Error | null = null;

  constructor({ program, nodeOptions = [], signal }: ChildOptions) {
    this.#program = program;
    this.#process = fork(new URL(program, import.meta.url), {
      execArgv: [...nodeOptions],
      // The command line keeps compiled code here, too.
      env: { ...process.env, NODE_COMPILE_CACHE: compiledCode },
      serialization: "advanced",
      // Its output must not mix with the lines of the table.
      stdio: ["ignore", 2, 2, "ipc"],
      signal,
      killSignal: "SIGKILL",
    });
    this.#process.on("message", (response) => this.#settle(response as ChildResponse));
    this.#process.on("error", (error) => this.#fail(error));
    this.#process.on("exit", (code, killedBy) => this.#fail(new Error(`It ended (${killedBy ?? `status ${code}`}).`)));
  }

  call<Name extends keyof Responses & string>(
    name: Name,
    ...[params]: Parameters<Responses[Name]>
  ): Promise<Awaited<ReturnType<Responses[Name]>>> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      const question: ChildQuestion = { id: this.#nextId++, name, params };
      this.#pending.set(question.id, { resolve, reject });
      this.#process.send(question);
    });
  }

  /** A process that loses its parent exits by itself; one that does not exit in time is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const left = once(this.#process, "exit");
    if (this.#process.connected) this.#process.disconnect();
    const inTime = new AbortController();
    const bound = sleep(leaveMs, undefined, { signal: inTime.signal }).then(
      () => this.#process.kill("SIGKILL"),
      () => {},
    );
    await Promise.race([left, bound]);
    inTime.abort();
  }

  #settle({ id, value, error }: ChildResponse): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === null) pending?.resolve(value as never);
    else pending?.reject(new Error(`${this.#program}: ${error}`));
  }

  #fail(cause: Error): void {
    this.#failure ??= new Error(`${this.#program} is no longer there: ${cause.message}`, { cause });
    for (const pending of this.#pending.values()) pending.reject(this.#failure);
    this.#pending.clear();
  }
}

/** In the process itself: handles the parent's calls, and calls `leave` when the parent has exited. */
export function respondToParent(questions: Questions, leave: () => void): void {
  process.on("message", async ({ id, name, params }: ChildQuestion) => {
    const response = await responseTo(questions, name, params);
    if (process.connected) process.send?.({ id, ...response } satisfies ChildResponse);
  });
  process.on("disconnect", leave);
}

async function responseTo(questions: Questions, name: string, params: unknown): Promise<Omit<ChildResponse, "id">> {
  try {
    return { value: await questions[name]?.(params as never), error: null };
  } catch (error) {
    return { value: null, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
