import { apiErrorFrom, WeftApiError, WeftConnectionError } from "./errors.ts";
import { bodyText } from "./json-text.ts";
import { isTransient, type RetryPolicy, readRetryAfter, retryDelayMs } from "./retry.ts";

/** The part of the web's `fetch` that the client needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Waits, and rejects when the signal is aborted meanwhile. */
export type Sleep = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

/** What one call may have its own of. */
export interface CallOptions {
  /** The same key and body within 24 hours get the first answer again. Without one, every POST gets a new one. */
  readonly idempotencyKey?: string | undefined;
  /** Works in another organization than the client does; needs an admin key. */
  readonly organizationId?: string | undefined;
  /** Gives the call up, tries and waits included. */
  readonly signal?: AbortSignal | undefined;
  /** For one try. */
  readonly timeoutMs?: number | undefined;
}

/** A part of a list. */
export interface Page<Item> {
  readonly items: Item[];
  /** What to ask the next page with; null on the last. */
  readonly nextCursor: string | null;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: object | undefined;
  readonly body?: unknown;
}

/** The bytes of an answer that goes on. */
export interface OpenedStream {
  /** Some more; null at the end. Throws a WeftConnectionError when the connection breaks, or is silent for too long. */
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

/** Sends requests to the API, again where that may help, and reads the answers. */
export class Transport {
  readonly #settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  /** The answer's body. Throws a WeftApiError, a WeftConnectionError, or what the caller's signal was aborted with. */
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
    const asked = {
      ...headers,
      accept: "text/event-stream",
      ...(options.lastId && { "last-event-id": options.lastId }),
    };
    const timer = setTimeout(() => connection.abort(), timeoutMs);
    try {
      const answer = await fetch(this.#urlOf(request), { ...init, headers: asked, cache: "no-store", signal });
      if (!isEventStream(answer)) throw apiErrorFrom(answer, await answer.text());
      return openedStream(answer.body, connection);
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

  // Made once, so that every try carries the same Idempotency-Key.
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
      const answer = await fetch(url, { ...init, signal });
      const text = await answer.text();
      const body = answer.ok ? readBody(answer, text) : null;
      if (body !== null) return { kind: "answered", value: body.value, nextCursor: nextCursorOf(answer) };
      const error = apiErrorFrom(answer, text);
      const retryAfterMs = readRetryAfter(answer.headers.get("retry-after"), now());
      return { kind: "failed", error, isTransient: isTransient(error.status, error.code), retryAfterMs };
    } catch (cause) {
      options.signal?.throwIfAborted();
      const error = timeout.aborted
        ? new WeftConnectionError("timeout", `No answer came from ${this.#settings.url} in time.`, { cause })
        : new WeftConnectionError("network", `${this.#settings.url} cannot be reached.`, { cause });
      return { kind: "failed", error, isTransient: true, retryAfterMs: null };
    }
  }
}

/** What opening a stream may have its own of. */
interface StreamCall extends Pick<CallOptions, "organizationId" | "signal"> {
  /** Empty for none. */
  readonly lastId: string;
}

function isEventStream(answer: Response): answer is Response & { readonly body: ReadableStream<Uint8Array> } {
  const mediaType = answer.headers.get("content-type") ?? "";
  return answer.ok && answer.body !== null && mediaType.startsWith("text/event-stream");
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

/** A path with its values in it. An empty one, or dots, would make it the path of something else. */
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

// Null for what Weft did not write, such as the page of a proxy.
function readBody(answer: Response, text: string): { value: unknown } | null {
  const mediaType = answer.headers.get("content-type") ?? "";
  if (mediaType.startsWith("text/plain")) return { value: text };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

// Only the cursor is taken from the link: its path is Weft's own, which may not be the one that a proxy shows.
function nextCursorOf(answer: Response): string | null {
  const link = /<([^>]*)>\s*;\s*rel="?next"?/.exec(answer.headers.get("link") ?? "")?.[1];
  return link === undefined ? null : new URL(link, "http://localhost").searchParams.get("cursor");
}
