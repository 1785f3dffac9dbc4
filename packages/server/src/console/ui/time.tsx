import { useSyncExternalStore } from "react";
import { formatDateTime, formatDistance, formatDuration, formatUtc } from "./format.ts";

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

// One clock for all visible times.
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const show of listeners) show();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Unix ms, updated each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** The time since a moment in the past: `3 min ago`. The exact time, local and in UTC, is shown on hover. */
export function TimeAgo({ at }: { at: string }) {
  const time = new Date(at);
  return (
    <time dateTime={at} title={`${formatDateTime(time)}\n${formatUtc(time)}`}>
      {formatDistance(time, Math.max(useNow(), time.getTime()))}
    </time>
  );
}

/** The time until a moment in the future: `in 4 min`, and `now` once it has come. */
export function TimeUntil({ at }: { at: string }) {
  const time = new Date(at);
  return (
    <time dateTime={at} title={`${formatDateTime(time)}\n${formatUtc(time)}`}>
      {formatDistance(time, Math.min(useNow(), time.getTime()))}
    </time>
  );
}

/** The duration since a moment in the past: `23 s`. */
export function TimeElapsed({ since }: { since: string }) {
  const time = new Date(since);
  return (
    <time dateTime={since} title={`${formatDateTime(time)}\n${formatUtc(time)}`}>
      {formatDuration(Math.max(0, useNow() - time.getTime()))}
    </time>
  );
}

/** The time in the local zone, and in UTC on hover. */
export function TimeAt({ at }: { at: string }) {
  const time = new Date(at);
  return (
    <time dateTime={at} title={formatUtc(time)}>
      {formatDateTime(time)}
    </time>
  );
}
