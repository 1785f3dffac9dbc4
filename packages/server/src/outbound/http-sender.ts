import { Agent, type buildConnector } from "undici";
import type { Exchange } from "../domain/exchange.ts";
import type { AddressGuard } from "./address-guard.ts";
import { type BlockedAddressError, createConnector } from "./connector.ts";
import type { OutboundRequest } from "./exchange.ts";
import type { Lookup, WantName } from "./lookup.ts";
import { type Lines, PendingExchange } from "./pending-exchange.ts";
import { aborted } from "./unanswered.ts";

export interface HttpSenderOptions {
  guard: AddressGuard;
  /** For a whole exchange: name resolution, connection, request, answer. Also the longest that making a connection may take. */
  timeoutMs: number;
  /** Reading an answer's body stops here, and the connection is closed. */
  responseBytesMax: number;
  responseBytesKept: number;
  /** Unlimited unless given: the caller bounds what it sends at once. Requests beyond it wait, and waiting counts as time. */
  connectionsPerOrigin?: number;
  /** See PendingExchange. Some milliseconds unless given. */
  staleMsMax?: number;
  /** The system's resolver unless given. */
  lookup?: Lookup;
  /** Called with the host of each request that has an owner. */
  want?: WantName;
  /** Told of every refused address, which the exchange itself does not show. It must not throw. */
  onBlocked?: (error: BlockedAddressError) => void;
}

/**
 * Sends requests to receivers: to allowed addresses only, within time and size limits, without following redirects and without
 * decompressing. An origin that is not used holds nothing: undici's Agent drops its pool with its last connection, and idle
 * connections end after `connectionIdleMs`.
 */
export class HttpSender implements AsyncDisposable {
  readonly #timeoutMs: number;
  readonly #want: WantName | null;
  readonly #lines: Lines & { connecting: boolean; onIdle: () => void };
  #closing = false;

  constructor({ guard, timeoutMs, responseBytesMax, responseBytesKept, ...options }: HttpSenderOptions) {
    const connect = createConnector({
      guard,
      timeoutMs,
      answerBytesMax: responseBytesMax + limits.responseOverheadBytesMax,
      lookup: options.lookup,
      onBlocked: options.onBlocked,
    });
    const agentOptions: Agent.Options = {
      connect: (target, callback) => connect(target, this.#markConnecting(callback)),
      connections: options.connectionsPerOrigin ?? null,
      pipelining: 1,
      maxHeaderSize: limits.responseHeaderBytesMax,
      keepAliveTimeout: limits.connectionIdleMs,
      keepAliveMaxTimeout: limits.connectionIdleMsMax,
      maxRequestsPerClient: limits.requestsPerConnectionMax,
      // One timer bounds the whole exchange instead.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    this.#timeoutMs = timeoutMs;
    this.#want = options.want ?? null;
    this.#lines = {
      pooled: new Agent(agentOptions),
      single: new Agent(agentOptions),
      connecting: false,
      responseBytesMax,
      responseBytesKept,
      staleMsMax: options.staleMsMax ?? limits.staleMsMax,
      pending: [],
      onIdle: () => {},
    };
  }

  /** Never rejects. */
  send(request: OutboundRequest): Promise<Exchange> {
    if (this.#closing) return Promise.resolve({ kind: "unanswered", ...aborted, durationMs: 0 });
    const wanted = this.#wantedBy(request);
    return new Promise((resolve) => {
      const settle = (exchange: Exchange) => {
        wanted?.[Symbol.dispose]();
        resolve(exchange);
      };
      new PendingExchange(this.#lines, request, request.timeoutMs ?? this.#timeoutMs, settle).start();
    });
  }

  #wantedBy({ url, owner }: OutboundRequest): Disposable | null {
    const hostname = owner === undefined || this.#want === null ? undefined : URL.parse(url.origin)?.hostname;
    return hostname === undefined ? null : (this.#want?.(hostname, owner ?? "") ?? null);
  }

  /** Takes no more requests and waits for those under way, each of which its own timeout bounds. */
  async close(): Promise<void> {
    this.#closing = true;
    await new Promise<void>((resolve) => {
      this.#lines.onIdle = resolve;
      if (this.#lines.pending.length === 0) resolve();
    });
    await this.destroy();
  }

  /** Ends every request under way as `aborted`, and every connection. */
  async destroy(): Promise<void> {
    this.#closing = true;
    for (const exchange of [...this.#lines.pending]) exchange.cancel();
    await Promise.all([this.#lines.pooled.destroy(), this.#lines.single.destroy()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** See PendingExchange for what reads this. */
  #markConnecting(callback: buildConnector.Callback): buildConnector.Callback {
    return (...result) => {
      this.#lines.connecting = true;
      try {
        callback(...result);
      } finally {
        this.#lines.connecting = false;
      }
    };
  }
}

const limits = {
  responseHeaderBytesMax: 16 * 1024,
  /** Headers, and what cuts a body into chunks, which can be larger than the body. */
  responseOverheadBytesMax: 1024 * 1024,
  connectionIdleMs: 4_000,
  /** For receivers that announce how long they keep a connection. */
  connectionIdleMsMax: 15_000,
  /** A connection that was being closed breaks at the first packet that comes back. */
  staleMsMax: 5,
  /** Now and then a busy connection gives way to a new one, which resolves the name again. */
  requestsPerConnectionMax: 1_000,
} as const;
