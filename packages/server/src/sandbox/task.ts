/**
 * Work for a sandbox: a module whose function `run` takes the input and returns the output synchronously. Both are copied
 * between processes, so that they must be plain data.
 */
export interface SandboxTask<Input, Output> {
  readonly module: string;
  readonly types?: (input: Input) => Output;
}

/** `module`: the URL of the file with `run`, relative to the file that calls this. */
export function defineTask<Input, Output>(module: URL): SandboxTask<Input, Output> {
  return { module: module.href };
}

/** The result of one run. A task that cannot be completed is a value, not an exception. */
export type RunOutcome<Output> =
  | { readonly kind: "done"; readonly value: Output }
  /** The task threw an error with this message. */
  | { readonly kind: "failed"; readonly message: string }
  /** It used more processor time than its limit. */
  | { readonly kind: "too_slow" }
  /** It exceeded the memory limit, or crashed its process in another way. */
  | { readonly kind: "too_large" }
  /** Its owner has too many waiting runs, the sandbox was closed, or the machine cannot start a process. */
  | { readonly kind: "unavailable" };

/** The message to a process: runs in order, as many as fit into `sliceMs`, and at least one. */
export interface RunBatch {
  readonly sliceMs: number;
  readonly runs: readonly { readonly module: string; readonly input: unknown; readonly timeMs: number }[];
}

/** The message from a process: the results of the first runs of the batch, and the time that each took. */
export interface BatchResult {
  readonly results: readonly RunResult[];
  /** Whether the process uses more memory than is kept for further batches. */
  readonly isSwollen: boolean;
}

export type RunResult = { readonly tookMs: number } & (
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string }
);
