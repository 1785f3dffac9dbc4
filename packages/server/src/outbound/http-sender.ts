import { Agent, type buildConnector } from "undici";
import type { Exchange } from "../domain/exchange.ts";
import type { AddressGuard } from "./address-guard.ts";
import { AgentPairs } from "./agent-pairs.ts";
import { type BlockedAddressError, createConnector } from "./connector.ts";
import type { OutboundRequest } from "./exchange.ts";
import type { KeepName, Lookup } from "./lookup.ts";
import { type Lines, PendingExchange } from "./pending-exchange.ts";
import type { OutboundProxy } from "./proxy/outbound-proxy.ts";
import { aborted } from "./unanswered.ts";

export interface HttpSenderOptions {
  guard: AddressGuard;
  /** Limits a whole exchange: name resolution, connection, request, response. It is also the longest time for a connection. */
  timeoutMs: number;
  /** Reading a response body stops at this size, and the connection is closed. */
  responseBytesMax: number;
  responseBytesKept: number;
  /**
   * Unlimited by default, because the caller limits its concurrent requests. Further requests wait, and the wait counts towards
   * the time limit.
   */
  connectionsPerOrigin?: number;
  /** See PendingExchange. The default is some milliseconds. */
  staleMsMax?: number;
  /** The system's resolver by default. */
  lookup?: Lookup;
  /** Called with the host name of each request that has an owner. */
  keepName?: KeepName;
  /** Called for every blocked address, which the exchange itself does not reveal. It must not throw. */
  onBlocked?: (error: BlockedAddressError) => void;
  /** Without it, connections are direct. */
  proxy?: OutboundProxy | undefined;
}

/**
 * Sends requests to receivers: to allowed addresses only, within time and size limits, without following redirects and without
 * decompressing. An unused origin uses no memory: undici's Agent drops its pool with its last connection, and idle connections
 * close after `connectionIdleMs`.
 */
export class HttpSender implements AsyncDisposable {
  readonly #timeoutMs: number;
  readonly #keepName: KeepName | null;
  readonly #lines: Lines & { connecting: boolean; onIdle: () => void };
  #closing = false;

  constructor({ guard, timeoutMs, responseBytesMax, responseBytesKept, ...options }: HttpSenderOptions) {
    const connecting = {
      guard,
      timeoutMs,
      readBytesMax: responseBytesMax + limits.responseOverheadBytesMax,
      lookup: options.lookup,
      onBlocked: options.onBlocked,
      proxy: options.proxy,
    };
    const agentOptions: Agent.Options = {
      connections: options.connectionsPerOrigin ?? null,
      pipelining: 1,
      maxHeaderSize: limits.responseHeaderBytesMax,
      keepAliveTimeout: limits.connectionIdleMs,
      keepAliveMaxTimeout: limits.connectionIdleMsMax,
      maxRequestsPerClient: limits.requestsPerConnectionMax,
      // One timer limits the whole exchange instead.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    this.#timeoutMs = timeoutMs;
    this.#keepName = options.keepName ?? null;
    this.#lines = {
      agents: new AgentPairs((tls) => {
        const connectTo = createConnector({ ...connecting, tls });
        const connect: buildConnector.connector = (target, callback) =>
          connectTo(target, this.#markConnecting(callback));
        return { pooled: new Agent({ ...agentOptions, connect }), single: new Agent({ ...agentOptions, connect }) };
      }),
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
    const kept = this.#keptFor(request);
    return new Promise((resolve) => {
      const settle = (exchange: Exchange) => {
        kept?.[Symbol.dispose]();
        resolve(exchange);
      };
      new PendingExchange(this.#lines, request, request.timeoutMs ?? this.#timeoutMs, settle).start();
    });
  }

  #keptFor({ url, owner }: OutboundRequest): Disposable | null {
    return owner === undefined || url.name === null ? null : (this.#keepName?.(url.name, owner) ?? null);
  }

  /** Accepts no further requests and waits for the running ones, each of which ends by its own timeout. */
  async close(): Promise<void> {
    this.#closing = true;
    await new Promise<void>((resolve) => {
      this.#lines.onIdle = resolve;
      if (this.#lines.pending.length === 0) resolve();
    });
    await this.destroy();
  }

  /** Aborts every running request as `aborted`, and closes every connection. */
  async destroy(): Promise<void> {
    this.#closing = true;
    for (const exchange of [...this.#lines.pending]) exchange.cancel();
    await this.#lines.agents.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** See PendingExchange for its use. */
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
  /** Headers, and the chunk headers of a body, which can be larger than the body. */
  responseOverheadBytesMax: 1024 * 1024,
  connectionIdleMs: 4_000,
  /** For receivers that announce how long they keep a connection open. */
  connectionIdleMsMax: 15_000,
  /** A connection that the peer was closing breaks when its first packet arrives. */
  staleMsMax: 5,
  /** From time to time, a new connection replaces a busy one, and resolves the name again. */
  requestsPerConnectionMax: 1_000,
} as const;
