import { type Weft, weftOver } from "./generated.ts";
import { type Fetch, type Sleep, Transport } from "./transport.ts";

export interface ClientOptions {
  /** Where Weft answers, such as `http://127.0.0.1:8001`. A path before `/v1` is kept. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Works in another organization than the key's own; needs an admin key. */
  readonly organizationId?: string | undefined;
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

/** A client of the Weft at `url`. Nothing is sent before the first call. Throws a TypeError for what is no URL. */
export function createClient(options: ClientOptions): Weft {
  return weftOver(
    new Transport({
      url: baseUrl(options.url),
      apiKey: options.apiKey,
      organizationId: options.organizationId,
      timeoutMs: options.timeoutMs ?? defaults.timeoutMs,
      retry: { retriesMax: options.retriesMax ?? defaults.retriesMax, random: Math.random },
      // Called through a function: some runtimes refuse a `fetch` that was taken off its global.
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      sleep: options.sleep ?? sleepByTimer,
      now: Date.now,
    }),
  );
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
