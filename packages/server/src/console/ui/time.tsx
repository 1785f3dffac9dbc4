import { useSyncExternalStore } from "react";
import { formatDateTime, formatDistance, formatUtc } from "./format.ts";

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

/** How long ago or how soon. The exact time, local and in UTC, is shown on hover and to screen readers. */
export function TimeAgo({ at }: { at: string }) {
  const time = new Date(at);
  return (
    <time dateTime={at} title={`${formatDateTime(time)}\n${formatUtc(time)}`}>
      {formatDistance(time, useNow())}
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
