import type { Reporter } from "./reporter.ts";
import { watchStalls } from "./stall-watch.ts";

/**
 * Reports what no part of Weft can: stalls of the event loop, and errors that nothing has handled. The latter are the last
 * resort: an error thrown in a callback, such as one of a library, must not end the work of all tenants.
 */
export function watchProcess(process: NodeJS.Process, reporter: Reporter): Disposable {
  const onUnexpected = (error: unknown) => reporter.unexpected({ error });
  process.on("uncaughtException", onUnexpected);
  const stalls = watchStalls((stall) => reporter.eventLoopStalled(stall));
  return {
    [Symbol.dispose]() {
      process.off("uncaughtException", onUnexpected);
      stalls[Symbol.dispose]();
    },
  };
}
