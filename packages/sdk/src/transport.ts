import { apiErrorFrom, WeftApiError, WeftConnectionError } from "./errors.ts";
import { bodyText } from "./json-text.ts";
import { isTransient, type RetryPolicy, readRetryAfter, retryDelayMs } from "./retry.ts";

/** The part of the web's `fetch` that the client needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Waits, and rejects when the signal is aborted meanwhile. */
export type Sleep = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

/** The options of one call. */
export interface CallOptions {
  /** A request with the same key and body within 24 hours receives the first response again. By default every POST has a new key. */
  readonly idempotencyKey?: string | undefined;
  /** Works in another organization than the client does; needs an admin key. */
  readonly organizationId?: string | undefined;
  /** Cancels the call, including its tries and waits. */
  readonly signal?: AbortSignal | undefined;
  /** The time limit of one try. */
  readonly timeoutMs?: number | undefined;
}

/** A part of a list. */
export interface Page<Item> {
  readonly items: Item[];
  /** The cursor of the next page; null on the last one. */
  readonly nextCursor: string | null;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: object | undefined;
  readonly body?: unknown;
}

/** The bytes of a streamed response. */
export interface OpenedStream {
  /**
   * Returns more bytes; null at the end. Throws a WeftConnectionError when the connection breaks, or is silent for too long.
   */
  read(silenceMsMax: number): Promise<Uint8Array | null>;
  close(): void;
}

export interface TransportSettings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly organizationId: string | undefined;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly fetch: Fetch;
  readonly sleep: Sleep;
  readonly now: () => number;
}

/** Sends requests to the API, retries them where that may help, and parses the responses. */
export class Transport {
  readonly #settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  /** Returns the response body. Throws a WeftApiError, a WeftConnectionError, or the reason of the caller's signal. */
  async call<Answer>(request: ApiRequest, options: CallOptions = {}): Promise<Answer> {
    const { value } = await this.#send(request, options);
    return value as Answer;
  }

  /** One page of a list. Throws as `call` does. */
  async page<Item>(request: ApiRequest, options: CallOptions = {}): Promise<Page<Item>> {
    const { value, nextCursor } = await this.#send(request, options);
    return { items: value as Item[], nextCursor };
  }

  /** Every item of a list, page after page. */
  async *eachItem<Item>(request: ApiRequest, options: CallOptions = {}): AsyncGenerator<Item, void, void> {
    let query = request.query;
    while (true) {
      const { items, nextCursor } = await this.page<Item>({ ...request, query }, options);
      yield* items;
      if (nextCursor === null) return;
      query = { ...query, cursor: nextCursor };
    }
  }

  async #send(request: ApiRequest, options: CallOptions): Promise<{ value: unknown; nextCursor: string | null }> {
    const { sleep, retry } = this.#settings;
    const url = this.#urlOf(request);
    const init = this.#init(request, options);
    for (let tries = 1; ; tries++) {
      const result = await this.#try(url, init, options);
      if (result.kind === "answered") return result;
      const delayMs = result.isTransient ? retryDelayMs(retry, tries, result.retryAfterMs) : null;
      if (delayMs === null) throw result.error;
      await sleep(delayMs, options.signal);
    }
  }

  /** Opens a stream once. Throws as `call` does. */
  async openStream(request: ApiRequest, options: StreamCall): Promise<OpenedStream> {
    const { fetch, timeoutMs, url } = this.#settings;
    const connection = new AbortController();
    const signal =
      options.signal === undefined ? connection.signal : AbortSignal.any([options.signal, connection.signal]);
    const { headers, ...init } = this.#init(request, options);
    const sent = {
      ...headers,
      accept: "text/event-stream",
      ...(options.lastId && { "last-event-id": options.lastId }),
    };
    const timer = setTimeout(() => connection.abort(), timeoutMs);
    try {
      const response = await fetch(this.#urlOf(request), { ...init, headers: sent, cache: "no-store", signal });
      if (!isEventStream(response)) throw apiErrorFrom(response, await response.text());
      return openedStream(response.body, connection);
    } catch (cause) {
      connection.abort();
      options.signal?.throwIfAborted();
      if (cause instanceof WeftApiError) throw cause;
      throw new WeftConnectionError("network", `${url} cannot be reached.`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  #urlOf({ path, query }: ApiRequest): string {
    return `${this.#settings.url}/v1${path}${queryText(query)}`;
  }

  // It is generated once, so that every try has the same Idempotency-Key.
  #init({ method, body }: ApiRequest, options: CallOptions): RequestInit & { headers: Record<string, string> } {
    const headers: Record<string, string> = { ...this.#settings.headers, accept: "application/json" };
    const { apiKey } = this.#settings;
    const organizationId = options.organizationId ?? this.#settings.organizationId;
    if (apiKey !== undefined) headers["x-api-key"] = apiKey;
    if (organizationId !== undefined) headers["x-organization-id"] = organizationId;
    if (body !== undefined) headers["content-type"] = "application/json";
    const idempotencyKey = options.idempotencyKey ?? (method === "POST" ? crypto.randomUUID() : undefined);
    if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
    return { method, headers, redirect: "manual", ...(body === undefined ? {} : { body: bodyText(body) }) };
  }

  async #try(url: string, init: RequestInit, options: CallOptions): Promise<Result> {
    const { fetch, now, timeoutMs } = this.#settings;
    const timeout = AbortSignal.timeout(options.timeoutMs ?? timeoutMs);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    try {
      const response = await fetch(url, { ...init, signal });
      const text = await response.text();
      const body = response.ok ? readBody(response, text) : null;
      if (body !== null) return { kind: "answered", value: body.value, nextCursor: nextCursorOf(response) };
      const error = apiErrorFrom(response, text);
      const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), now());
      return { kind: "failed", error, isTransient: isTransient(error.status, error.code), retryAfterMs };
    } catch (cause) {
      options.signal?.throwIfAborted();
      const error = timeout.aborted
        ? new WeftConnectionError("timeout", `No response arrived from ${this.#settings.url} in time.`, { cause })
        : new WeftConnectionError("network", `${this.#settings.url} cannot be reached.`, { cause });
      return { kind: "failed", error, isTransient: true, retryAfterMs: null };
    }
  }
}

/** The options of opening a stream. */
interface StreamCall extends Pick<CallOptions, "organizationId" | "signal"> {
  /** Empty for none. */
  readonly lastId: string;
}

function isEventStream(response: Response): response is Response & { readonly body: ReadableStream<Uint8Array> } {
  const mediaType = response.headers.get("content-type") ?? "";
  return response.ok && response.body !== null && mediaType.startsWith("text/event-stream");
}

function openedStream(body: ReadableStream<Uint8Array>, connection: AbortController): OpenedStream {
  const reader = body.getReader();
  return {
    read: async (silenceMsMax) => {
      let isSilent = false;
      const timer = setTimeout(() => {
        isSilent = true;
        connection.abort();
      }, silenceMsMax);
      try {
        return (await reader.read()).value ?? null;
      } catch (cause) {
        throw isSilent
          ? new WeftConnectionError("timeout", "The stream gave no sign of life.", { cause })
          : new WeftConnectionError("network", "The stream broke off.", { cause });
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => connection.abort(),
  };
}

type Result =
  | { kind: "answered"; value: unknown; nextCursor: string | null }
  | {
      kind: "failed";
      error: WeftApiError | WeftConnectionError;
      isTransient: boolean;
      retryAfterMs: number | null;
    };

/** A path with its values. An empty value, or dots, would change the path. */
export function path(texts: TemplateStringsArray, ...values: readonly string[]): string {
  return texts.reduce((before, text, index) => {
    const value = values[index - 1] ?? "";
    if (value === "" || value === "." || value === "..") {
      throw new TypeError(`An id is needed in ${String.raw({ raw: texts }, ...values)}; "${value}" is none.`);
    }
    return `${before}${encodeURIComponent(value)}${text}`;
  });
}

function queryText(query: object | undefined): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]: [string, unknown]) =>
    (Array.isArray(value) ? value : [value])
      .filter((item: unknown) => item !== undefined && item !== null)
      .map((item: unknown): [string, string] => [name, String(item)]),
  );
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
}

// Null for a response that Weft did not send, such as a proxy's page.
function readBody(response: Response, text: string): { value: unknown } | null {
  const mediaType = response.headers.get("content-type") ?? "";
  if (mediaType.startsWith("text/plain")) return { value: text };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

// Only the cursor is read from the link: its path is Weft's own, which may differ from the path at a proxy.
function nextCursorOf(response: Response): string | null {
  const link = /<([^>]*)>\s*;\s*rel="?next"?/.exec(response.headers.get("link") ?? "")?.[1];
  return link === undefined ? null : new URL(link, "http://localhost").searchParams.get("cursor");
}
