import { WeftApiError, WeftConnectionError } from "./errors.ts";
import { EventLines, type ServerEvent } from "./event-lines.ts";
import type { ListenerDelivery, StreamEnd, StreamEvent } from "./generated.ts";
import { isTransient } from "./retry.ts";
import type { ApiRequest, OpenedStream, Sleep, Transport } from "./transport.ts";

/** What to be told. */
export interface StreamQuery {
  /** Kinds of items; all unless given. */
  readonly events?: readonly ("message" | "attempt" | "subscription" | "sync_job")[] | undefined;
  /** Only messages of these event types, and attempts for them. */
  readonly event_types?: readonly string[] | undefined;
  /** Only messages that go to this subscription, its attempts, and itself. */
  readonly subscription_id?: string | undefined;
  /** Whether messages include their payload: as JSON, or as the accepted text. */
  readonly payload?: boolean | "text" | undefined;
}

export interface StreamOptions {
  /** Ends the stream. The iteration is over then, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** The id of the last item that was dealt with: the stream goes on behind it. From now on unless given. */
  readonly lastEventId?: string | undefined;
  /** Works in another organization than the client does; needs an admin key. */
  readonly organizationId?: string | undefined;
  /** Told when a connection stands; and when it broke, why, and when the next one is tried. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

export interface ListenOptions extends Omit<StreamOptions, "lastEventId"> {
  /** Deliveries that are handed out and not yet told of, at most; 10 unless given. */
  readonly heldMax?: number | undefined;
}

export type ConnectionState =
  | { readonly isConnected: true }
  | { readonly isConnected: false; readonly reason: Error; readonly retryMs: number };

/** What a stream gives. That a connection ends is dealt with, and no item. */
export type StreamItem = Exclude<StreamEvent, { readonly event: "end" }>;

export interface StreamRhythm {
  readonly sleep: Sleep;
  readonly random: () => number;
  /** A connection without a sign of life for so long is broken: Weft gives one every 15 seconds. */
  readonly silenceMsMax: number;
}

const retryMsFirst = 1_000;
const retryMsMax = 30_000;

/**
 * Items as they are committed, over as many connections as it takes. None is left out between two of them; some may come
 * again. Throws a WeftApiError when Weft refuses for good, such as for a key that it knows no longer.
 */
export async function* streamItems(
  transport: Transport,
  rhythm: StreamRhythm,
  query: StreamQuery,
  options: StreamOptions,
): AsyncGenerator<StreamItem, void, void> {
  for await (const event of serverEvents(transport, rhythm, { method: "GET", path: "/stream", query }, options)) {
    yield itemOf(event);
  }
}

/** What a listener's program is handed, over as many connections as it takes. */
export async function* listenerDeliveries(
  transport: Transport,
  rhythm: StreamRhythm,
  listenerId: string,
  options: ListenOptions,
): AsyncGenerator<ListenerDelivery, void, void> {
  const path = `/webhooks/listeners/${encodeURIComponent(listenerId)}/deliveries`;
  const request = { method: "GET", path, query: { held_max: options.heldMax } };
  for await (const { data } of serverEvents(transport, rhythm, request, options)) {
    yield JSON.parse(data) as ListenerDelivery;
  }
}

async function* serverEvents(
  transport: Transport,
  rhythm: StreamRhythm,
  request: ApiRequest,
  options: StreamOptions,
): AsyncGenerator<ServerEvent, void, void> {
  const { signal } = options;
  const isOver = () => signal?.aborted === true;
  let lastId = options.lastEventId ?? "";
  let retryMs = retryMsFirst;
  let failures = 0;
  while (!isOver()) {
    const lines = new EventLines(lastId);
    let stream: OpenedStream | null = null;
    let reason: unknown;
    try {
      stream = await transport.openStream(request, { ...options, lastId });
      options.onConnection?.({ isConnected: true });
      for await (const event of eventsOf(stream, lines, rhythm.silenceMsMax)) {
        failures = 0;
        yield event;
      }
    } catch (error) {
      reason = error;
    } finally {
      stream?.close();
    }
    if (isOver()) return;
    if (!isPassing(reason)) throw reason;
    lastId = lines.id;
    retryMs = lines.retryMs ?? retryMs;
    failures += 1;
    const waitMs = waitBefore(failures, retryMs, rhythm.random);
    options.onConnection?.({ isConnected: false, reason, retryMs: waitMs });
    await rhythm.sleep(waitMs, signal).catch(() => {});
  }
}

/** Throws a WeftConnectionError when the connection ends, however it does. */
async function* eventsOf(
  stream: OpenedStream,
  lines: EventLines,
  silenceMsMax: number,
): AsyncGenerator<ServerEvent, void, void> {
  for (;;) {
    const bytes = await stream.read(silenceMsMax);
    if (bytes === null) throw new WeftConnectionError("network", "The stream broke off.");
    for (const event of lines.read(bytes)) {
      if (event.event === "end") throw new WeftConnectionError("network", (JSON.parse(event.data) as StreamEnd).detail);
      yield event;
    }
  }
}

function itemOf({ event, id, data }: ServerEvent): StreamItem {
  return { event, id, data: JSON.parse(data) as unknown } as StreamItem;
}

function isPassing(reason: unknown): reason is Error {
  if (reason instanceof WeftApiError) return isTransient(reason.status, reason.code);
  return reason instanceof WeftConnectionError;
}

/** The longer, the more connections in a row brought nothing. */
function waitBefore(failures: number, retryMs: number, random: () => number): number {
  const backoffMs = Math.min(retryMs * 2 ** Math.min(failures - 1, 10), Math.max(retryMs, retryMsMax));
  return Math.round(backoffMs * (0.5 + random() / 2));
}
