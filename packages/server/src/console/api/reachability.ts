import type { QueryClient } from "@tanstack/react-query";
import { WeftApiError } from "@weft/sdk";
import { useSyncExternalStore } from "react";

let isReachable = true;
const listeners = new Set<() => void>();

function set(next: boolean): void {
  if (next === isReachable) return;
  isReachable = next;
  for (const listener of listeners) listener();
}

/** Records from every query whether the server responds. */
export function watchReachability(queryClient: QueryClient): void {
  queryClient.getQueryCache().subscribe(({ type, query }) => {
    if (type !== "updated") return;
    const { status, fetchFailureReason: reason, fetchStatus } = query.state;
    if (reason !== null && !(reason instanceof WeftApiError && reason.status < 500)) set(false);
    else if (status === "success" && fetchStatus === "idle") set(true);
  });
}

/** Whether the last request got a response. */
export function useReachable(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isReachable,
  );
}
