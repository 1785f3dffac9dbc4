import { Agent, type Dispatcher } from "undici";
import type { UnreachableReason } from "../domain/attempt.ts";
import type { AddressGuard } from "./address-guard.ts";
import { type BlockedAddressError, createConnector } from "./connector.ts";
import { parseRequestUrl } from "./exchange.ts";
import type { KeepName, Lookup } from "./lookup.ts";
import type { OutboundProxy } from "./proxy/outbound-proxy.ts";
import { aborted, timedOut, type Unanswered, whyUnanswered } from "./unanswered.ts";

export interface HttpReaderOptions {
  guard: AddressGuard;
  /** Limits a whole exchange, from the look-up of the name to the last byte. */
  timeoutMs: number;
  /** The system's resolver by default. */
  lookup?: Lookup;
  /** Called with the host of each request that has an owner. */
  keepName?: KeepName;
  /** Called for every blocked address, which the result does not reveal. It must not throw. */
  onBlocked?: (error: BlockedAddressError) => void;
  /** Without it, connections are direct. */
  proxy?: OutboundProxy | undefined;
}

export interface ReadRequest {
  readonly url: string;
  /** GET unless given. */
  readonly method?: "GET" | "POST" | "PUT";
  readonly requestBody?: string | Buffer;
  /** By name in lower case. Without `host` and `connection`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The organization that the read is made for. */
  readonly owner?: string;
  /** Reading the body stops at this size. */
  readonly bytesMax: number;
  /** Whether to read the body, decided by the response's head. */
  readonly readsBody?: (head: ResponseHead) => boolean;
  readonly signal: AbortSignal;
}

export interface ResponseHead {
  readonly status: number;
  /** By name in lower case; repeated headers are joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The result of one request. It is never an exception, because a host's refusal is data. */
export type ReadResult =
  | (ResponseHead & {
      readonly kind: "answered";
      readonly body: Buffer;
      /** Why the body is incomplete. */
      readonly cut: "too_large" | "unwanted" | null;
    })
  | { readonly kind: "unanswered"; readonly reason: UnreachableReason; readonly detail: string };

/**
 * Reads from hosts of sources: from allowed addresses only, within time and size limits, without following redirects and
 * without decompressing. HttpSender is for many small requests, and this class is for few with large responses.
 */
export class HttpReader implements AsyncDisposable {
  readonly #timeoutMs: number;
  readonly #agent: Agent;
  readonly #keepName: KeepName | undefined;

  constructor({ guard, timeoutMs, lookup, keepName, onBlocked, proxy }: HttpReaderOptions) {
    this.#timeoutMs = timeoutMs;
    this.#keepName = keepName;
    this.#agent = new Agent({
      connect: createConnector({ guard, timeoutMs, readBytesMax, lookup, onBlocked, proxy }),
      pipelining: 1,
      maxHeaderSize: headerBytesMax,
      // One timer limits the whole exchange instead.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Never rejects. */
  async read(request: ReadRequest): Promise<ReadResult> {
    const time = AbortSignal.timeout(this.#timeoutMs);
    const signal = AbortSignal.any([request.signal, time]);
    let phase: "answer" | "body" = "answer";
    try {
      const { origin, path } = parseRequestUrl(request.url);
      using _ = request.owner === undefined ? undefined : this.#keepName?.(new URL(origin).hostname, request.owner);
      const response = await this.#agent.request({
        ...{ origin, path, signal },
        method: request.method ?? "GET",
        headers: request.headers,
        body: request.requestBody ?? null,
      });
      phase = "body";
      return await readResponse(response, request);
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
/** The largest body that a caller may read, in small chunks. */
const readBytesMax = 64 * 1024 * 1024;

async function readResponse(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  request: ReadRequest,
): Promise<ReadResult> {
  // It fails once more when it is closed before its end.
  body.on("error", () => {});
  const head = { status: statusCode, headers: joined(headers) };
  const isRead = request.readsBody?.(head) ?? true;
  const isTooLarge = Number(head.headers["content-length"] ?? 0) > request.bytesMax;
  if (!isRead || isTooLarge) {
    body.destroy();
    return { kind: "answered", ...head, body: Buffer.alloc(0), cut: isRead ? "too_large" : "unwanted" };
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

function unanswered({ reason, detail }: Unanswered): ReadResult {
  return { kind: "unanswered", reason, detail };
}
