// A process of the benchmark, and the questions that it answers to the one that started it.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

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
  /** File name of the program, beside this one. */
  readonly program: string;
  readonly nodeOptions?: readonly string[];
  /** Kills the process at once. */
  readonly signal: AbortSignal;
}

// A server that stops finishes what is under way within ten seconds.
const leaveMs = 15_000;

/** A running process, typed by the questions it answers. Disposing ends it. */
export class Child<Answers extends Questions> implements AsyncDisposable {
  readonly #program: string;
  readonly #process: ChildProcess;
  readonly #asked = new Map<number, PendingResponse>();
  #nextId = 0;
  #failure: Error | null = null;

  constructor({ program, nodeOptions = [], signal }: ChildOptions) {
    this.#program = program;
    this.#process = fork(new URL(program, import.meta.url), {
      execArgv: [...nodeOptions],
      serialization: "advanced",
      // What it prints must not get between the lines of the table.
      stdio: ["ignore", 2, 2, "ipc"],
      signal,
      killSignal: "SIGKILL",
    });
    this.#process.on("message", (answer) => this.#answered(answer as ChildResponse));
    this.#process.on("error", (error) => this.#fail(error));
    this.#process.on("exit", (code, killedBy) => this.#fail(new Error(`It ended (${killedBy ?? `status ${code}`}).`)));
  }

  ask<Name extends keyof Answers & string>(
    name: Name,
    ...[params]: Parameters<Answers[Name]>
  ): Promise<Awaited<ReturnType<Answers[Name]>>> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      const question: ChildQuestion = { id: this.#nextId++, name, params };
      this.#asked.set(question.id, { resolve, reject });
      this.#process.send(question);
    });
  }

  /** A process that loses its parent leaves by itself; one that does not in time is killed. */
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

  #answered({ id, value, error }: ChildResponse): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === null) asked?.resolve(value as never);
    else asked?.reject(new Error(`${this.#program}: ${error}`));
  }

  #fail(cause: Error): void {
    this.#failure ??= new Error(`${this.#program} is no longer there: ${cause.message}`, { cause });
    for (const asked of this.#asked.values()) asked.reject(this.#failure);
    this.#asked.clear();
  }
}

/** In the process itself: answers the parent's questions, and calls `leave` once the parent has gone. */
export function respondToParent(questions: Questions, leave: () => void): void {
  process.on("message", async ({ id, name, params }: ChildQuestion) => {
    const answer = await answerTo(questions, name, params);
    if (process.connected) process.send?.({ id, ...answer } satisfies ChildResponse);
  });
  process.on("disconnect", leave);
}

async function answerTo(questions: Questions, name: string, params: unknown): Promise<Omit<ChildResponse, "id">> {
  try {
    return { value: await questions[name]?.(params as never), error: null };
  } catch (error) {
    return { value: null, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
