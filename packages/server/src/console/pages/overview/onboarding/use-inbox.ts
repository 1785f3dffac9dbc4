import { useMutation } from "@tanstack/react-query";
import type { Listener, ListenerDelivery } from "@weft/sdk";
import { useEffect, useState } from "react";
import { useSubscriptionsChanged } from "../../../api/subscriptions.ts";
import { useApi } from "../../../api/weft.tsx";

export interface Arrival {
  readonly delivery: ListenerDelivery;
  /** Unix ms. */
  readonly at: number;
}

export interface Inbox {
  /** Null before it is started. */
  readonly listener: Listener | null;
  readonly isConnected: boolean;
  /** The newest is first. */
  readonly arrivals: readonly Arrival[];
  readonly isStarting: boolean;
  readonly error: Error | null;
  readonly start: () => void;
}

const arrivalsMax = 10;
const heldMax = 10;

/** A receiver in this page: a listener whose deliveries the page receives, shows and confirms. */
export function useInbox(name: string): Inbox {
  const { weft } = useApi();
  const changed = useSubscriptionsChanged();
  const [arrivals, setArrivals] = useState<readonly Arrival[]>([]);
  const [isConnected, setConnected] = useState(false);
  const [failure, setFailure] = useState<Error | null>(null);
  const starting = useMutation({
    mutationFn: () => weft.webhooks.startListener({ name }),
    onMutate: () => setFailure(null),
    onSuccess: changed,
  });
  const listener = starting.data ?? null;
  const listenerId = listener?.id;
  useEffect(() => {
    if (listenerId === undefined) return;
    const gone = new AbortController();
    const options = {
      signal: gone.signal,
      heldMax,
      onConnection: (state: { isConnected: boolean }) => setConnected(state.isConnected),
    };
    async function receive(id: string): Promise<void> {
      for await (const delivery of weft.listen(id, options)) {
        const arrival = { delivery, at: Date.now() };
        setArrivals((before) => [arrival, ...before.filter((other) => !isSame(other, arrival))].slice(0, arrivalsMax));
        const { message_id, receipt } = delivery;
        await weft.webhooks.reportOutcomes(id, { outcomes: [{ message_id, receipt, status: 204, duration_ms: 0 }] });
      }
    }
    receive(listenerId).catch((error: Error) => {
      if (gone.signal.aborted) return;
      setConnected(false);
      setFailure(error);
    });
    return () => gone.abort();
  }, [weft, listenerId]);
  return {
    ...{ listener, isConnected, arrivals },
    isStarting: starting.isPending,
    error: failure ?? starting.error,
    start: starting.mutate,
  };
}

/** A delivery is sent again when its outcome was not recorded. */
function isSame(a: Arrival, b: Arrival): boolean {
  return a.delivery.message_id === b.delivery.message_id && a.delivery.attempt === b.delivery.attempt;
}
