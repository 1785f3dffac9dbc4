import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useApi } from "./weft.tsx";

export type LiveState = "live" | "connecting" | "off";

const LiveContext = createContext<LiveState>("off");

export function useLiveState(): LiveState {
  return useContext(LiveContext);
}

/** The queries to invalidate after a change of a kind. Keys are relative to the organization's. */
const staleAfter: Readonly<Record<string, readonly string[]>> = {
  message: ["messages", "overview"],
  attempt: ["attempts", "messages", "message", "deliveries", "overview", "subscriptions", "subscription"],
  subscription: ["subscriptions", "subscription", "overview"],
  sync_job: [
    "source-connections",
    "source-connection",
    "sync-jobs",
    "freshness",
    "collections",
    "collection",
    "overview",
  ],
};

// Under load every second has thousands of changes: pages are refreshed at most this often.
const calmMs = 1_000;

/** Refreshes visible data while the page is visible. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { weft, scope } = useApi();
  const queryClient = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    const gone = new AbortController();
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | null = null;
    function refresh(): void {
      timer = null;
      for (const name of stale) void queryClient.invalidateQueries({ queryKey: [...scope, name] });
      stale.clear();
    }
    function onConnection({ isConnected }: { isConnected: boolean }): void {
      setState(isConnected ? "live" : "connecting");
    }
    async function follow(): Promise<void> {
      for await (const item of weft.stream({}, { signal: gone.signal, onConnection })) {
        for (const name of staleAfter[item.event] ?? []) stale.add(name);
        timer ??= setTimeout(refresh, calmMs);
      }
    }
    follow().catch(() => {
      if (!gone.signal.aborted) setState("off");
    });
    return () => {
      gone.abort();
      if (timer !== null) clearTimeout(timer);
    };
  }, [weft, scope, queryClient]);
  return <LiveContext.Provider value={state}>{children}</LiveContext.Provider>;
}
