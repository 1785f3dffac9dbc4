// The sandboxes of a process: one for work that publishers wait for, and one for pages, which may take seconds each.

import { availableParallelism } from "node:os";
import { limits } from "./domain/limits.ts";
import { Sandbox } from "./sandbox/sandbox.ts";

export interface Sandboxes extends AsyncDisposable {
  /** Compiles schemas, and validates payloads against them. */
  readonly checks: Sandbox;
  /** Parses pages of websites. */
  readonly pages: Sandbox;
}

/** There are at least two, so that one owner's slow work leaves a process to the others. */
const processesMax = Math.min(Math.max(availableParallelism(), 2), limits.sandboxProcessesMax);

/** They start no process until there is work. */
export function openSandboxes(): Sandboxes {
  const checks = new Sandbox({
    processesMax,
    heapMegabytesMax: limits.schemaCheckHeapMegabytes,
    runsPerBatchMax: 256,
    // Publishers wait for it.
    niceness: 0,
    runsPerOwnerMax: limits.schemaChecksWaitingMax,
    slowMs: 50,
    idleMs: limits.sandboxIdleMs,
  });
  const pages = new Sandbox({
    processesMax,
    heapMegabytesMax: limits.webPageHeapMegabytes,
    runsPerBatchMax: 1,
    niceness: 5,
    runsPerOwnerMax: limits.syncJobsPerNodeMax,
    slowMs: 1_000,
    idleMs: limits.sandboxIdleMs,
  });
  return {
    checks,
    pages,
    async [Symbol.asyncDispose]() {
      await Promise.all([checks[Symbol.asyncDispose](), pages[Symbol.asyncDispose]()]);
    },
  };
}
