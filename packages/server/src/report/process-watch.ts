import type { Reporter } from "./reporter.ts";
import { returnMemory } from "./return-memory.ts";
import { watchStalls } from "./stall-watch.ts";

/**
 * Reports stalls of the event loop, and unhandled errors, and returns unused memory. Unhandled errors are a last resort: an error in
 * a callback, for example of a library, must not end the work of all tenants.
 */
export function watchProcess(process: NodeJS.Process, reporter: Reporter): Disposable {
  const onUnexpected = (error: unknown) => reporter.unexpected({ error });
  process.on("uncaughtException", onUnexpected);
  const stalls = watchStalls(
    (stall) => reporter.eventLoopStalled(stall),
    (delayMs) => reporter.eventLoopDelayed({ delayMs }),
  );
  const memory = returnMemory();
  return {
    [Symbol.dispose]() {
      process.off("uncaughtException", onUnexpected);
      memory[Symbol.dispose]();
      stalls[Symbol.dispose]();
    },
  };
}
