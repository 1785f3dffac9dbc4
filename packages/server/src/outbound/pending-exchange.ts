import type { Agent, Dispatcher } from "undici";
import type { Exchange, ResponseHeaders } from "../domain/exchange.ts";
import { AnswerBody } from "./answer-body.ts";
import { ConnectError } from "./connector.ts";
import type { OutboundRequest } from "./exchange.ts";
import { type LenientResponse, lenientResponse } from "./received-head.ts";
import { aborted, isConnectionLost, timedOut, type Unanswered, whyUnanswered } from "./unanswered.ts";

/** What all exchanges of one sender share. */
export interface Lines {
  /** Keeps connections alive and reuses them. */
  readonly pooled: Agent;
  /** Opens a connection for each request. */
  readonly single: Agent;
  /** True while undici is being handed a connection that was opened just now. */
  readonly connecting: boolean;
  readonly responseBytesMax: number;
  readonly responseBytesKept: number;
  /** A connection that is lost so soon after a request started on it was being closed before. */
  readonly staleMsMax: number;
  /** In no order. A list, since a Set that is added to and deleted from for ever costs 6 µs a request. */
  readonly pending: PendingExchange[];
  /** Called when the last of `pending` has ended. */
  readonly onIdle: () => void;
}

/**
 * One request under way. It ends once: with an answer, with the loss of its connection, when its time is up, or when it is
 * cancelled; whatever undici reports after that is ignored.
 *
 * A receiver may close an idle connection just as a request sets out on it. That says nothing about the request, so it goes
 * out once more, at once, on a connection of its own. A connection that is lost later was closed by a receiver that may have
 * read the request: to send it again would be an attempt that nothing records. A connection is new to this request when undici starts the request from
 * within the connector's callback: a connection is only ever opened for a waiting request, and undici writes that one before
 * the callback returns. In any other case the connection has been used before.
 */
export class PendingExchange implements Dispatcher.DispatchHandler {
  readonly #lines: Lines;
  readonly #request: OutboundRequest;
  readonly #timeoutMs: number;
  readonly #settle: (exchange: Exchange) => void;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #place = -1;
  #settled = false;
  #secondTry = false;
  #controller: Dispatcher.DispatchController | null = null;
  #connectionIsNew = false;
  #requestStartedAt = 0;
  #answerBegan = false;
  #status = 0;
  #headers: ResponseHeaders = {};
  #body: AnswerBody | null = null;

  constructor(lines: Lines, request: OutboundRequest, timeoutMs: number, settle: (exchange: Exchange) => void) {
    this.#lines = lines;
    this.#request = request;
    this.#timeoutMs = timeoutMs;
    this.#settle = settle;
  }

  /** To be called once. */
  start(): void {
    const { signal } = this.#request;
    this.#place = this.#lines.pending.push(this) - 1;
    if (signal?.aborted) {
      this.cancel();
      return;
    }
    signal?.addEventListener("abort", this, { once: true });
    this.#timer = setTimeout(expire, this.#timeoutMs, this);
    this.#lines.pooled.dispatch(this.#dispatchOptions(), this);
  }

  cancel(): void {
    this.#giveUp(aborted);
  }

  expire(): void {
    const phase = this.#status !== 0 ? "body" : this.#controller !== null ? "answer" : "connection";
    this.#giveUp(timedOut(phase, this.#timeoutMs));
  }

  /** The abort signal's event. */
  handleEvent(): void {
    this.cancel();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Settled while it waited for a connection: nothing may be sent any more.
    if (this.#settled) controller.abort(givenUp);
    this.#controller = controller;
    this.#connectionIsNew = this.#lines.connecting;
    this.#requestStartedAt = performance.now();
  }

  /** The first byte of an answer. */
  onResponseStarted(): void {
    this.#answerBegan = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#body ??= new AnswerBody(this.#lines.responseBytesKept);
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
    // A complete status is an answer, whatever became of the body.
    // Only where this request has begun to be answered: what was received before belongs to another one.
    const lenient = this.#status === 0 && this.#answerBegan ? lenientResponse(error) : null;
    if (this.#status !== 0) this.#answered(mayHaveBody(this.#status) ? "closed" : null);
    else if (lenient !== null) this.#answeredLeniently(lenient);
    else if (this.#wasStale(error)) this.#tryAgain();
    else this.#unanswered(whyUnanswered(error));
  }

  #tryAgain(): void {
    this.#secondTry = true;
    this.#controller = null;
    this.#lines.single.dispatch({ ...this.#dispatchOptions(), reset: true }, this);
  }

  #dispatchOptions(): Agent.DispatchOptions {
    const { url, method, headers, body } = this.#request;
    // undici does not write to the list, its type only lacks the word.
    return { origin: url.origin, path: url.path, method, headers: headers as string[], body };
  }

  #wasStale(error: Error): boolean {
    if (this.#secondTry || this.#answerBegan || error instanceof ConnectError || !isConnectionLost(error)) return false;
    // Without a start, an idle connection broke under a request that had been promised to it.
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

  /** A complete status line and header section decide, also where a parser is stricter than RFC 9112 asks. */
  #answeredLeniently({ status, headers, body }: LenientResponse): void {
    this.#status = status;
    this.#headers = headers;
    this.#body = new AnswerBody(this.#lines.responseBytesKept);
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

  /** The last of the list takes the place that becomes free. */
  #leave(): void {
    const { pending, onIdle } = this.#lines;
    const last = pending.pop();
    if (last !== undefined && last !== this) {
      pending[this.#place] = last;
      last.#place = this.#place;
    }
    if (pending.length === 0) onIdle();
  }
}

/** Source: RFC 9112, section 6.3. undici reports an error when such a response announces a length. */
function mayHaveBody(status: number): boolean {
  return status !== 204 && status !== 304;
}

function expire(exchange: PendingExchange): void {
  exchange.expire();
}

/** Ends a request that has been settled; nobody reads it, so one will do and no stack is taken for each. */
const givenUp = new Error("The exchange is over.");
