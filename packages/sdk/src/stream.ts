import { WeftApiError, WeftConnectionError } from "./errors.ts";
import { EventLines, type ServerEvent } from "./event-lines.ts";
import type { ListenerDelivery, StreamEnd, StreamEvent } from "./generated.ts";
import { isTransient } from "./retry.ts";
import type { ApiRequest, OpenedStream, Sleep, Transport } from "./transport.ts";

/** The selection of a stream. */
export interface StreamQuery {
  /** The kinds of items; all by default. */
  readonly events?: readonly ("message" | "attempt" | "subscription" | "sync_job")[] | undefined;
  /** Only messages of these event types, and attempts for them. */
  readonly event_types?: readonly string[] | undefined;
  /** Only the messages of this subscription, its attempts, and the subscription itself. */
  readonly subscription_id?: string | undefined;
  /** Whether messages include their payload: as JSON, or as the accepted text. */
  readonly payload?: boolean | "text" | undefined;
}

export interface StreamOptions {
  /** Ends the stream. The iteration then ends without an error. */
  readonly signal?: AbortSignal | undefined;
  /** The id of the last processed item, after which the stream resumes. The default is the present. */
  readonly lastEventId?: string | undefined;
  /** Acts in an organization other than the client's; requires an admin key. */
  readonly organizationId?: string | undefined;
  /** Called when a connection opens, and when it breaks, with the reason and the time of the next try. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

export interface ListenOptions extends Omit<StreamOptions, "lastEventId"> {
  /** The maximum number of deliveries without a reported outcome; 10 by default. */
  readonly heldMax?: number | undefined;
}

export type ConnectionState =
  | { readonly isConnected: true }
  | { readonly isConnected: false; readonly reason: Error; readonly retryMs: number };

/** The items of a stream. The end of a connection is handled and is not an item. */
export type StreamItem = Exclude<StreamEvent, { readonly event: "end" }>;

export interface StreamRhythm {
  readonly sleep: Sleep;
  readonly random: () => number;
  /** A connection without a heartbeat for this time is broken: Weft sends one every 15 seconds. */
  readonly silenceMsMax: number;
}

const retryMsFirst = 1_000;
const retryMsMax = 30_000;

/**
 * Items as they are committed, over any number of connections. None is lost between two connections; some may be repeated.
 * Throws a WeftApiError when Weft rejects the request permanently, for example because of a revoked key.
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

/** The deliveries of a listener, over any number of connections. */
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

/** Throws a WeftConnectionError when the connection ends for any reason. */
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

/** The wait grows with the number of consecutive connections without items. */
function waitBefore(failures: number, retryMs: number, random: () => number): number {
  const backoffMs = Math.min(retryMs * 2 ** Math.min(failures - 1, 10), Math.max(retryMs, retryMsMax));
  return Math.round(backoffMs * (0.5 + random() / 2));
}
