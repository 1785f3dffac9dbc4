import { Agent, type Dispatcher } from "undici";
import type { UnreachableReason } from "../domain/attempt.ts";
import type { AddressGuard } from "./address-guard.ts";
import { type BlockedAddressError, createConnector } from "./connector.ts";
import { parseTarget } from "./exchange.ts";
import type { Lookup, WantName } from "./lookup.ts";
import { aborted, timedOut, type Unanswered, whyUnanswered } from "./unanswered.ts";

export interface HttpReaderOptions {
  guard: AddressGuard;
  /** For a whole exchange, from the name's resolution to the last byte. */
  timeoutMs: number;
  /** The system's resolver unless given. */
  lookup?: Lookup;
  /** Called with the host of each request that has an owner. */
  want?: WantName;
  /** Told of every refused address, which the answer itself does not show. It must not throw. */
  onBlocked?: (error: BlockedAddressError) => void;
}

export interface ReadRequest {
  readonly url: string;
  /** GET unless given. */
  readonly method?: "GET" | "POST";
  readonly requestBody?: string;
  /** By name in lower case. Without `host` and `connection`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The organization on whose behalf it is read. */
  readonly owner?: string;
  /** Reading the body stops here. */
  readonly bytesMax: number;
  /** Whether a body is worth reading, by what comes before it. */
  readonly wantsBody?: (head: AnswerHead) => boolean;
  readonly signal: AbortSignal;
}

export interface AnswerHead {
  readonly status: number;
  /** By name in lower case; what came several times is joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The result of one request. It is never an exception: a host's refusal is data. */
export type Answer =
  | (AnswerHead & {
      readonly kind: "answered";
      readonly body: Buffer;
      /** Why the body is not all of it. */
      readonly cut: "too_large" | "unwanted" | null;
    })
  | { readonly kind: "unanswered"; readonly reason: UnreachableReason; readonly detail: string };

/**
 * Reads what sources ask for: from allowed addresses only, within time and size limits, without following redirects and
 * without decompressing. Where HttpSender is made for many small requests, this one is for few with large answers.
 */
export class HttpReader implements AsyncDisposable {
  readonly #timeoutMs: number;
  readonly #agent: Agent;
  readonly #want: WantName | undefined;

  constructor({ guard, timeoutMs, lookup, want, onBlocked }: HttpReaderOptions) {
    this.#timeoutMs = timeoutMs;
    this.#want = want;
    this.#agent = new Agent({
      connect: createConnector({ guard, timeoutMs, answerBytesMax, lookup, onBlocked }),
      pipelining: 1,
      maxHeaderSize: headerBytesMax,
      // One timer bounds the whole exchange instead.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Never rejects. */
  async read(request: ReadRequest): Promise<Answer> {
    const time = AbortSignal.timeout(this.#timeoutMs);
    const signal = AbortSignal.any([request.signal, time]);
    let phase: "answer" | "body" = "answer";
    try {
      const { origin, path } = parseTarget(request.url);
      using _ = request.owner === undefined ? undefined : this.#want?.(new URL(origin).hostname, request.owner);
      const answer = await this.#agent.request({
        ...{ origin, path, signal },
        method: request.method ?? "GET",
        headers: request.headers,
        body: request.requestBody ?? null,
      });
      phase = "body";
      return await readAnswer(answer, request);
    } catch (error) {
      if (request.signal.aborted) return unanswered(aborted);
      if (time.aborted) return unanswered(timedOut(phase, this.#timeoutMs));
      return unanswered(whyUnanswered(error instanceof Error ? error : new Error(String(error))));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

const headerBytesMax = 32 * 1024;
/** The largest body that anybody asks for, cut into small chunks. */
const answerBytesMax = 64 * 1024 * 1024;

async function readAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  request: ReadRequest,
): Promise<Answer> {
  // It fails once more when it is left before its end.
  body.on("error", () => {});
  const head = { status: statusCode, headers: joined(headers) };
  const isWanted = request.wantsBody?.(head) ?? true;
  const isTooLarge = Number(head.headers["content-length"] ?? 0) > request.bytesMax;
  if (!isWanted || isTooLarge) {
    body.destroy();
    return { kind: "answered", ...head, body: Buffer.alloc(0), cut: isWanted ? "too_large" : "unwanted" };
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > request.bytesMax) break;
  }
  const read = Buffer.concat(chunks);
  return bytes > request.bytesMax
    ? { kind: "answered", ...head, body: read.subarray(0, request.bytesMax), cut: "too_large" }
    : { kind: "answered", ...head, body: read, cut: null };
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const all = Object.entries(headers).map(([name, value]) => [name, [value ?? []].flat().join(", ")]);
  return Object.fromEntries(all) as Record<string, string>;
}

function unanswered({ reason, detail }: Unanswered): Answer {
  return { kind: "unanswered", reason, detail };
}
