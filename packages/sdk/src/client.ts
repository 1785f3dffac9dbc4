import { type ListenerDelivery, type Weft, weftOver } from "./generated.ts";
import {
  type ListenOptions,
  listenerDeliveries,
  type StreamItem,
  type StreamOptions,
  type StreamQuery,
  streamItems,
} from "./stream.ts";
import { type Fetch, type Sleep, Transport } from "./transport.ts";

export interface ClientOptions {
  /** The URL of Weft, such as `http://127.0.0.1:8001`. A path before `/v1` is kept. */
  readonly url: string;
  /** An API key, or the token of a portal link. It is not needed with the cookie of a browser session. */
  readonly apiKey?: string | undefined;
  /** Acts in an organization other than the key's own; requires an admin key. */
  readonly organizationId?: string | undefined;
  /** Sent with every request, such as `x-weft-console: 1` with the cookie of a browser session. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The time limit of one try, including the response body; 30 seconds by default. */
  readonly timeoutMs?: number | undefined;
  /** The number of retries when there is no response, or the status is 408, 429 or 5xx; 3 by default. */
  readonly retriesMax?: number | undefined;
  /** Sends the requests; the runtime's own `fetch` by default. */
  readonly fetch?: Fetch | undefined;
  /** Waits between tries; a timer by default. */
  readonly sleep?: Sleep | undefined;
}

const defaults = { timeoutMs: 30_000, retriesMax: 3 } as const;
/** Three of Weft's heartbeats. */
const silenceMsMax = 45_000;

export interface WeftClient extends Weft {
  /**
   * The changes as they are committed, until the signal is aborted. Broken connections are opened again and no change
   * is lost between them; some items may be repeated. Throws a WeftApiError when Weft refuses permanently.
   *
   * `GET /stream`
   */
  stream(query?: StreamQuery, options?: StreamOptions): AsyncGenerator<StreamItem, void, void>;
  /**
   * The deliveries of a listener of `webhooks.startListener`, until the signal is aborted. Report the outcome of each
   * with `webhooks.reportOutcomes`; deliveries without a reported outcome are repeated after a connection ends. Throws
   * a WeftApiError when Weft refuses permanently.
   *
   * `GET /webhooks/listeners/{subscription_id}/deliveries`
   */
  listen(listenerId: string, options?: ListenOptions): AsyncGenerator<ListenerDelivery, void, void>;
}

/** A client of the Weft at `url`. It sends nothing before the first call. Throws a TypeError for an invalid URL. */
export function createClient(options: ClientOptions): WeftClient {
  const sleep = options.sleep ?? sleepByTimer;
  const transport = new Transport({
    url: baseUrl(options.url),
    apiKey: options.apiKey,
    organizationId: options.organizationId,
    headers: options.headers ?? {},
    timeoutMs: options.timeoutMs ?? defaults.timeoutMs,
    retry: { retriesMax: options.retriesMax ?? defaults.retriesMax, random: Math.random },
    // Called through a function, because some runtimes refuse a `fetch` without its global.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    sleep,
    now: Date.now,
  });
  const rhythm = { sleep, random: Math.random, silenceMsMax };
  return {
    ...weftOver(transport),
    listen: (listenerId, listenOptions = {}) => listenerDeliveries(transport, rhythm, listenerId, listenOptions),
    stream: (query = {}, streamOptions = {}) => streamItems(transport, rhythm, query, streamOptions),
  };
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`The client's url must be an absolute http or https URL; got "${text}".`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "")}`;
}

function sleepByTimer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    function wake(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", wake);
      resolve();
    }, ms);
    if (signal?.aborted === true) wake();
    else signal?.addEventListener("abort", wake, { once: true });
  });
}
