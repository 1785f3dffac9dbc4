import { Agent, type Dispatcher, request } from "undici";
import type { AddressGuard } from "./address-guard.ts";
import { type BlockedAddressError, createConnector } from "./connector.ts";
import type { Lookup, WantName } from "./lookup.ts";
import { aborted, timedOut, whyUnanswered } from "./unanswered.ts";

export interface GuardedFetchOptions {
  readonly guard: AddressGuard;
  /** Whether `http:` is allowed in addition to `https:`. */
  readonly allowHttp: boolean;
  /** Limits a whole exchange: name resolution, connection, request, and the complete response. */
  readonly timeoutMs: number;
  /** A larger response is an error. */
  readonly answerBytesMax: number;
  /** The system's resolver by default. */
  readonly lookup?: Lookup;
  /** Called with the host of each request that has an owner. */
  readonly want?: WantName;
  /** Called for every blocked address, which the error does not reveal. It must not throw. */
  readonly onBlocked?: (error: BlockedAddressError) => void;
}

export interface FetchRequest {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The organization that the request is made for. */
  readonly owner?: string;
  readonly signal?: AbortSignal;
  /** A limit below the fetch's own. */
  readonly answerBytesMax?: number;
}

/** No acceptable response arrived. The message is a sentence without any address. */
export class FetchError extends Error {
  override readonly name = "FetchError";
}

/**
 * Sends requests to the services that sources read from, and to their providers: to allowed addresses only, within time and
 * size limits, without following redirects and without decompressing. Responses are returned when they are complete.
 */
export class GuardedFetch implements AsyncDisposable {
  readonly #options: GuardedFetchOptions;
  readonly #agent: Agent;

  constructor(options: GuardedFetchOptions) {
    const { guard, timeoutMs, lookup, onBlocked } = options;
    const answerBytesMax = options.answerBytesMax * overheadFactor + overheadBytes;
    this.#options = options;
    // The time limit of the whole exchange covers its parts.
    this.#agent = new Agent({
      connect: createConnector({ guard, timeoutMs, answerBytesMax, lookup, onBlocked }),
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Throws a FetchError when no response arrived. Any status is a response. */
  async fetch(url: string | URL, { signal, ...wanted }: FetchRequest = {}): Promise<Response> {
    const { timeoutMs, answerBytesMax } = this.#options;
    const target = this.#checked(url);
    using _ = wanted.owner === undefined ? undefined : this.#options.want?.(target.hostname, wanted.owner);
    const time = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await request(target, {
        dispatcher: this.#agent,
        method: wanted.method ?? "GET",
        headers: { "accept-encoding": "identity", ...wanted.headers },
        body: wanted.body ?? null,
        signal: signal === undefined ? time : AbortSignal.any([time, signal]),
      });
      return await responseOf(answer, wanted.answerBytesMax ?? answerBytesMax);
    } catch (error) {
      if (error instanceof FetchError) throw error;
      throw new FetchError(this.#sentenceFor(error as Error, { time, signal }), { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  #checked(text: string | URL): URL {
    const url = URL.parse(String(text));
    if (url === null || !["http:", "https:"].includes(url.protocol)) throw new FetchError("The URL is no http(s) URL.");
    if (url.protocol === "http:" && !this.#options.allowHttp) throw new FetchError("Only https is allowed here.");
    return url;
  }

  #sentenceFor(error: Error, { time, signal }: { time: AbortSignal; signal: AbortSignal | undefined }): string {
    if (signal?.aborted) return aborted.detail;
    return time.aborted ? timedOut("answer", this.#options.timeoutMs).detail : whyUnanswered(error).detail;
  }
}

/** A body may arrive in chunks that are smaller than their own headers. */
const overheadFactor = 4;
const overheadBytes = 1024 * 1024;

async function responseOf({ statusCode, headers, body }: Dispatcher.ResponseData, bytesMax: number): Promise<Response> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    length += piece.length;
    // Leaving the loop closes the connection.
    if (length > bytesMax) throw new FetchError(`The answer has more than ${bytesMax} bytes.`);
    pieces.push(piece);
  }
  const listed = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const hasBody = statusCode >= 200 && ![204, 205, 304].includes(statusCode);
  return new Response(hasBody ? Buffer.concat(pieces) : null, { status: statusCode, headers: listed });
}
