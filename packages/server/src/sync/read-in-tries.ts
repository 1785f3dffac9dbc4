import type { Clock } from "../domain/clock.ts";
import type { SourceRetryPolicy } from "../domain/source-retry.ts";
import type { JobRun, SourceAccess } from "./job-run.ts";
import { type Source, SourceError, TransientSourceError } from "./source.ts";

export interface TriesParts {
  readonly retry: SourceRetryPolicy;
  readonly clock: Clock;
}

/**
 * Reads a source for a job, and retries after a while when it is temporarily unavailable. Throws the errors of `JobRun.read`;
 * after the last try, a SourceError with the number of tries.
 */
export async function readInTries(
  { retry, clock }: TriesParts,
  run: JobRun,
  reading: { source: Source; access: SourceAccess; signal: AbortSignal },
): Promise<void> {
  const { source, access, signal } = reading;
  let waitedMs = 0;
  for (let tries = 1; ; tries++) {
    try {
      return await run.read(source, access, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransientSourceError)) throw error;
      const delayMs = retry({ tries, waitedMs, retryAfterMs: error.retryAfterMs });
      if (delayMs === null) throw givenUp(error, tries);
      await clock.sleep(delayMs, signal);
      signal.throwIfAborted();
      waitedMs += delayMs;
      await run.beginNextTry();
    }
  }
}

function givenUp(error: TransientSourceError, tries: number): SourceError {
  return tries === 1 ? error : new SourceError(`Given up after ${tries} tries: ${error.message}`, { cause: error });
}
