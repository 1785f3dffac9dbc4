import type { IncomingHttpHeaders } from "node:http";
import type { z } from "zod";
import type { Access, Condition } from "../auth/access.ts";
import type { Caller } from "../auth/caller.ts";
import type { Right, Scope } from "../domain/api-key.ts";
import { type BodyBounds, bodyBounds } from "../domain/limits.ts";
import type { EventSink } from "./event-sink.ts";

/** An answer that is already text, sent as it is: payloads keep their bytes also in the answers of the API. */
export class AnswerText {
  readonly text: string;
  readonly mediaType: string;

  constructor(text: string, mediaType = "application/json") {
    this.text = text;
    this.mediaType = mediaType;
  }
}

/** An answer with another status than 200, or with headers of its own. Without a value it has no body. */
export class StatusAnswer {
  readonly status: number;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, value?: unknown, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.value = value;
    this.headers = headers;
  }
}

/** Sends a browser on to another place, with 303. The URL that it came by holds a secret, which is not told there. */
export class Redirect {
  readonly location: string;

  constructor(location: string) {
    this.location = location;
  }
}

/** An answer that goes on: events are sent until the reader leaves or the stream ends. */
export class EventStream {
  /** Resolves when it is over. */
  readonly run: (out: EventSink) => Promise<void>;

  constructor(run: (out: EventSink) => Promise<void>) {
    this.run = run;
  }
}

export interface RouteRequest<Query, Body> {
  readonly caller: Caller;
  readonly headers: IncomingHttpHeaders;
  /** Values of the `:name` places of the path, as they were sent: opaque. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The request body's own text; empty when there was none. */
  readonly bodyText: string;
  /** The key of the record, which belongs to the caller's credential. */
  readonly idempotencyKey: string | null;
  /** Counts the call in the audit log, of a caller that is known by now. Resolves when it is on record. */
  readonly note: (kind: "sign_in" | "secret_read", caller?: Caller) => Promise<void>;
  /** Asks who calls once more. Throws as the call itself would now. */
  readonly recheck: () => Promise<unknown>;
  /** Puts the address of the next page into the answer's Link header. */
  readonly nextPage: (cursor: string) => void;
}

/** One route of the API: what the server registers, and what openapi.json says of it. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Without the prefix of its API. Places are `:name`. */
  readonly path: string;
  readonly operation: string;
  readonly tag: string;
  readonly summary: string;
  /** What a caller needs; null for routes that need no credential. */
  readonly access: Access | null;
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  /** What the body may be, before it is parsed. */
  readonly bodyBounds: BodyBounds;
  /** Bytes of the response that are counted before it is made, for routes that read many things at once. */
  readonly bytesReserved: number;
  /** Of a stream of events: what one of them says. */
  readonly answer: z.ZodType;
  readonly mediaType: "application/json" | "text/plain" | "text/event-stream";
  /** Where it sends browsers to, in words; null when it never does. */
  readonly redirects: string | null;
  /**
   * What becomes of a second request under one idempotency key. `stored`: the server replays the first answer. `own`: the
   * handler's own transaction sees to it. `secret`: the first answer held a secret and is not kept, so the second is
   * refused. `none`: it is made again.
   */
  readonly idempotency: "stored" | "own" | "secret" | "none";
  /** Whether a call of it stands in the audit log, where it changes anything. */
  readonly isLogged: boolean;
  readonly handle: (request: RouteRequest<unknown, unknown>) => Promise<unknown>;
}

type Output<Schema extends z.ZodType | null> = Schema extends z.ZodType ? z.output<Schema> : undefined;

interface Definition<Query extends z.ZodType | null, Body extends z.ZodType | null, Answer extends z.ZodType> {
  readonly method: Route["method"];
  readonly path: string;
  readonly operation: string;
  readonly tag: string;
  readonly summary: string;
  /** The scope, or all of the scopes, that a key needs; null for routes that need no credential. */
  readonly scope: Right | readonly Scope[] | null;
  readonly isOperators?: boolean;
  readonly appTokens?: Access["appTokens"];
  readonly also?: readonly Condition<Output<Query>, Output<Body>>[];
  readonly query?: Query;
  readonly body?: Body;
  /** A few fields unless given. */
  readonly bodyBounds?: BodyBounds;
  readonly bytesReserved?: number;
  readonly answer: Answer;
  readonly mediaType?: Route["mediaType"];
  readonly redirects?: string;
  readonly idempotency?: Route["idempotency"];
  readonly isLogged?: boolean;
  readonly handle: (
    request: RouteRequest<Output<Query>, Output<Body>>,
  ) => Promise<z.input<Answer> | AnswerText | StatusAnswer | Redirect | EventStream>;
}

/** Ties a handler to the schemas of what it gets and answers, so that the compiler holds it to them. */
export function route<
  Answer extends z.ZodType,
  Query extends z.ZodType | null = null,
  Body extends z.ZodType | null = null,
>(definition: Definition<Query, Body, Answer>): Route {
  const { scope, isOperators = false, appTokens = "by_scope", also = [], ...rest } = definition;
  return {
    ...rest,
    access: scope === null ? null : { scopes: scopesOf(scope), isOperators, appTokens, also: also as Access["also"] },
    query: definition.query ?? null,
    body: definition.body ?? null,
    bodyBounds: definition.bodyBounds ?? (definition.body ? bodyBounds.fields : bodyBounds.none),
    bytesReserved: definition.bytesReserved ?? 0,
    mediaType: definition.mediaType ?? "application/json",
    redirects: definition.redirects ?? null,
    idempotency: definition.idempotency ?? "stored",
    isLogged: definition.isLogged ?? true,
    handle: definition.handle as Route["handle"],
  };
}

function scopesOf(needed: Right | readonly Scope[]): readonly Scope[] {
  if (needed === "any") return [];
  return typeof needed === "string" ? [needed] : needed;
}
