import type { UnreachableReason } from "../domain/attempt.ts";
import { HttpReader, type HttpReaderOptions } from "./http-reader.ts";

export interface GuardedFetchOptions extends HttpReaderOptions {
  /** Whether `http:` is allowed in addition to `https:`. */
  readonly allowHttp: boolean;
  /** A larger response is an error. */
  readonly readBytesMax: number;
}

export interface FetchRequest {
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The organization on whose behalf the request is made. */
  readonly owner?: string;
  readonly signal?: AbortSignal;
  /** A limit below the fetch's own. */
  readonly readBytesMax?: number;
}

/** No response arrived, or none that may be read. The message is a sentence without an address. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  /** Null when a response arrived, or no request was sent. */
  readonly reason: UnreachableReason | null;

  constructor(message: string, reason: UnreachableReason | null = null) {
    super(message);
    this.reason = reason;
  }
}

/** An `HttpReader` with the interface of `fetch`, for clients of APIs. Responses are complete when they are returned. */
export class GuardedFetch implements AsyncDisposable {
  readonly #options: GuardedFetchOptions;
  readonly #reader: HttpReader;

  constructor(options: GuardedFetchOptions) {
    this.#options = options;
    this.#reader = new HttpReader(options);
  }

  /** Throws a FetchError without a response. Any status is a response. */
  async fetch(url: string | URL, request: FetchRequest = {}): Promise<Response> {
    const { body, signal, owner, method = "GET" } = request;
    const bytesMax = request.readBytesMax ?? this.#options.readBytesMax;
    const response = await this.#reader.read({
      url: this.#checked(url),
      ...{ method, bytesMax },
      headers: { "accept-encoding": "identity", ...request.headers },
      signal: signal ?? new AbortController().signal,
      ...(body !== undefined && { requestBody: body }),
      ...(owner !== undefined && { owner }),
    });
    if (response.kind === "unanswered") throw new FetchError(response.detail, response.reason);
    if (response.cut !== null) throw new FetchError(`The response has more than ${bytesMax} bytes.`);
    const hasBody = response.status >= 200 && ![204, 205, 304].includes(response.status);
    return new Response(hasBody ? new Uint8Array(response.body) : null, {
      status: response.status,
      headers: response.headers,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
  }

  #checked(text: string | URL): string {
    const url = URL.parse(String(text));
    if (url === null || !["http:", "https:"].includes(url.protocol))
      throw new FetchError("The URL is not an http(s) URL.");
    if (url.protocol === "http:" && !this.#options.allowHttp) throw new FetchError("Only https is allowed here.");
    return url.href;
  }
}
