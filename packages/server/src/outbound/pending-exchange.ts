import type { Agent, Dispatcher } from "undici";
import type { Exchange, ResponseHeaders } from "../domain/exchange.ts";
import type { AgentPair, AgentPairs } from "./agent-pairs.ts";
import { ConnectError } from "./connector.ts";
import type { OutboundRequest } from "./exchange.ts";
import { type LenientResponse, lenientResponse } from "./received-head.ts";
import { ResponseBody } from "./response-body.ts";
import { aborted, isConnectionLost, timedOut, type Unanswered, whyUnanswered } from "./unanswered.ts";

/** The state that all exchanges of one sender share. */
export interface Lines {
  readonly agents: AgentPairs;
  /** True while undici receives a newly opened connection. */
  readonly connecting: boolean;
  readonly responseBytesMax: number;
  readonly responseBytesKept: number;
  /** A connection that breaks this soon after a request started on it was already being closed. */
  readonly staleMsMax: number;
  /** Unordered. It is a list, because a Set with constant additions and deletions costs 6 µs per request. */
  readonly pending: PendingExchange[];
  /** Called when the last of `pending` has ended. */
  readonly onIdle: () => void;
}

/**
 * One running request. It ends once: with a response, with the loss of its connection, at its time limit, or when it is
 * cancelled. Later reports from undici are ignored.
 *
 * A receiver may close an idle connection just as a request is sent on it. That says nothing about the request, so it
 * is sent once more, immediately, on a connection of its own. A connection that breaks later was closed by a receiver
 * that may have read the request: sending it again would be an attempt that is not recorded. A connection is new to
 * this request when undici starts the request within the connector's callback: a connection is only ever opened for a
 * waiting request, and undici writes that one before the callback returns. In any other case the connection was used
 * before.
 */
export class PendingExchange implements Dispatcher.DispatchHandler {
  readonly #lines: Lines;
  readonly #agents: AgentPair;
  readonly #request: OutboundRequest;
  readonly #timeoutMs: number;
  readonly #settle: (exchange: Exchange) => void;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #index = -1;
  #settled = false;
  #secondTry = false;
  #controller: Dispatcher.DispatchController | null = null;
  #connectionIsNew = false;
  #requestStartedAt = 0;
  #responseBegan = false;
  #status = 0;
  #headers: ResponseHeaders = {};
  #body: ResponseBody | null = null;

  constructor(lines: Lines, request: OutboundRequest, timeoutMs: number, settle: (exchange: Exchange) => void) {
    this.#lines = lines;
    this.#agents = lines.agents.pairFor(request.tls);
    this.#request = request;
    this.#timeoutMs = timeoutMs;
    this.#settle = settle;
  }

  /** Must be called once. */
  start(): void {
    const { signal } = this.#request;
    this.#index = this.#lines.pending.push(this) - 1;
    if (signal?.aborted) {
      this.cancel();
      return;
    }
    signal?.addEventListener("abort", this, { once: true });
    this.#timer = setTimeout(expire, this.#timeoutMs, this);
    this.#agents.pooled.dispatch(this.#dispatchOptions(), this);
  }

  cancel(): void {
    this.#giveUp(aborted);
  }

  expire(): void {
    const phase = this.#status !== 0 ? "body" : this.#controller !== null ? "answer" : "connection";
    this.#giveUp(timedOut(phase, this.#timeoutMs));
  }

  /** Handles the abort signal's event. */
  handleEvent(): void {
    this.cancel();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // It ended while it waited for a connection: nothing may be sent any more.
    if (this.#settled) controller.abort(givenUp);
    this.#controller = controller;
    this.#connectionIsNew = this.#lines.connecting;
    this.#requestStartedAt = performance.now();
  }

  /** The first byte of a response. */
  onResponseStarted(): void {
    this.#responseBegan = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#body ??= new ResponseBody(this.#lines.responseBytesKept);
    this.#body.add(chunk);
    if (this.#body.length <= this.#lines.responseBytesMax) return;
    this.#answered("too_large");
    controller.abort(givenUp);
  }

  onResponseEnd(): void {
    this.#answered(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#settled) return;
    // A complete status is a response, even with an incomplete body. This applies only after the response to this request has
    // begun, because earlier bytes belong to another response.
    const lenient = this.#status === 0 && this.#responseBegan ? lenientResponse(error) : null;
    if (this.#status !== 0) this.#answered(mayHaveBody(this.#status) ? "closed" : null);
    else if (lenient !== null) this.#answeredLeniently(lenient);
    else if (this.#wasStale(error)) this.#tryAgain();
    else this.#unanswered(whyUnanswered(error));
  }

  #tryAgain(): void {
    this.#secondTry = true;
    this.#controller = null;
    this.#agents.single.dispatch({ ...this.#dispatchOptions(), reset: true }, this);
  }

  #dispatchOptions(): Agent.DispatchOptions {
    const { url, method, headers, body } = this.#request;
    // undici does not write to the list, although its type is not readonly.
    return { origin: url.origin, path: url.path, method, headers: headers as string[], body };
  }

  #wasStale(error: Error): boolean {
    if (this.#secondTry || this.#responseBegan || error instanceof ConnectError || !isConnectionLost(error))
      return false;
    // Without a start, an idle connection broke after this request was assigned to it.
    if (this.#controller === null) return true;
    return !this.#connectionIsNew && performance.now() - this.#requestStartedAt <= this.#lines.staleMsMax;
  }

  #giveUp(why: Unanswered): void {
    this.#unanswered(why);
    this.#controller?.abort(givenUp);
  }

  #answered(cut: "too_large" | "closed" | null): void {
    const body = this.#body;
    this.#end({
      kind: "answered",
      status: this.#status,
      headers: this.#headers,
      body: body === null ? "" : body.text(),
      truncated: cut ?? (body !== null && body.length > this.#lines.responseBytesKept ? "too_large" : null),
      durationMs: this.#elapsedMs(),
    });
  }

  /** A complete status line and header section are enough, also where a parser is stricter than RFC 9112 requires. */
  #answeredLeniently({ status, headers, body }: LenientResponse): void {
    this.#status = status;
    this.#headers = headers;
    this.#body = new ResponseBody(this.#lines.responseBytesKept);
    this.#body.add(body);
    this.#answered(null);
  }

  #unanswered({ reason, detail }: Unanswered): void {
    this.#end({ kind: "unanswered", reason, detail, durationMs: this.#elapsedMs() });
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  #end(exchange: Exchange): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener("abort", this);
    this.#settle(exchange);
    this.#leave();
  }

  /** The last element moves to the free place. */
  #leave(): void {
    const { pending, onIdle } = this.#lines;
    const last = pending.pop();
    if (last !== undefined && last !== this) {
      pending[this.#index] = last;
      last.#index = this.#index;
    }
    if (pending.length === 0) onIdle();
  }
}

/** Source: RFC 9112, section 6.3. undici reports an error when such a response declares a length. */
function mayHaveBody(status: number): boolean {
  return status !== 204 && status !== 304;
}

function expire(exchange: PendingExchange): void {
  exchange.expire();
}

/** Ends a settled request. The error is not read, so that all requests share one and no stack trace is captured for each. */
const givenUp = new Error("The exchange has ended.");
