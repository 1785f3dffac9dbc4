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
  /** Where Weft answers, such as `http://127.0.0.1:8001`. A path before `/v1` is kept. */
  readonly url: string;
  /** An API key, or the token of a portal link in its place. Not needed where a browser's session says who calls. */
  readonly apiKey?: string | undefined;
  /** Works in another organization than the key's own; needs an admin key. */
  readonly organizationId?: string | undefined;
  /** Sent with every request, such as `x-weft-console: 1` beside the cookie of a browser's session. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For one try, reading the answer included; 30 seconds unless given. */
  readonly timeoutMs?: number | undefined;
  /** Tries after the first, where nothing answered or the answer was 408, 429 or 5xx; 3 unless given. */
  readonly retriesMax?: number | undefined;
  /** Sends the requests; the runtime's own `fetch` unless given. */
  readonly fetch?: Fetch | undefined;
  /** Waits between tries; a timer unless given. */
  readonly sleep?: Sleep | undefined;
}

const defaults = { timeoutMs: 30_000, retriesMax: 3 } as const;
/** Three of Weft's signs of life. */
const silenceMsMax = 45_000;

export interface WeftClient extends Weft {
  /**
   * What happens, as it is committed, until the signal is aborted. Connections that break are made anew and nothing is left out
   * between them; some items may come again. Throws a WeftApiError when Weft refuses for good.
   *
   * `GET /stream`
   */
  stream(query?: StreamQuery, options?: StreamOptions): AsyncGenerator<StreamItem, void, void>;
  /**
   * What a listener of `webhooks.startListener` is handed, until the signal is aborted. What came of each is told with
   * `webhooks.tellOutcomes`; what is not told when a connection ends comes again. Throws a WeftApiError when Weft refuses for good.
   *
   * `GET /webhooks/listeners/{subscription_id}/deliveries`
   */
  listen(listenerId: string, options?: ListenOptions): AsyncGenerator<ListenerDelivery, void, void>;
}

/** A client of the Weft at `url`. Nothing is sent before the first call. Throws a TypeError for what is no URL. */
export function createClient(options: ClientOptions): WeftClient {
  const sleep = options.sleep ?? sleepByTimer;
  const transport = new Transport({
    url: baseUrl(options.url),
    apiKey: options.apiKey,
    organizationId: options.organizationId,
    headers: options.headers ?? {},
    timeoutMs: options.timeoutMs ?? defaults.timeoutMs,
    retry: { retriesMax: options.retriesMax ?? defaults.retriesMax, random: Math.random },
    // Called through a function: some runtimes refuse a `fetch` that was taken off its global.
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
