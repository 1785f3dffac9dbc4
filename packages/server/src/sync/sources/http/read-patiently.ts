import type { Clock } from "../../../domain/clock.ts";
import { limits } from "../../../domain/limits.ts";
import { retryAfterMs } from "../../../domain/retry-after.ts";
import type { HttpReader, ReadRequest, ReadResult } from "../../../outbound/http-reader.ts";

export interface HttpParts {
  readonly reader: Pick<HttpReader, "read">;
  readonly clock: Clock;
}

const backOffMs = [1_000, 5_000, 15_000];

/**
 * Reads, and retries after a while when the host is unreachable, closed the connection, or returned one of `busyStatuses`.
 * Returns the last result; throws the signal's reason when that aborts.
 */
export async function readPatiently(
  { reader, clock }: HttpParts,
  request: ReadRequest,
  busyStatuses: readonly number[],
): Promise<ReadResult> {
  for (let tries = 0; ; tries++) {
    const response = await reader.read(request);
    request.signal.throwIfAborted();
    if (tries === limits.sourceRetriesMax || !isPassing(response, busyStatuses)) return response;
    const waitMs = requestedWaitMs(response, clock.now()) ?? backOffMs[tries] ?? 0;
    if (waitMs > limits.sourceRetryAfterMsMax) return response;
    await clock.sleep(waitMs, request.signal);
    request.signal.throwIfAborted();
  }
}

// Timeouts are not retried, because the host already had enough time.
function isPassing(response: ReadResult, busyStatuses: readonly number[]): boolean {
  if (response.kind === "answered") return busyStatuses.includes(response.status);
  return ["dns", "connect", "closed", "proxy"].includes(response.reason);
}

function requestedWaitMs(response: ReadResult, now: number): number | null {
  return response.kind === "answered" ? retryAfterMs(response.headers["retry-after"] ?? null, now) : null;
}
