import type { IncomingHttpHeaders } from "node:http";
import type { z } from "zod";
import type { Access, Condition } from "../auth/access.ts";
import type { Caller } from "../auth/caller.ts";
import type { Right, Scope } from "../domain/api-key.ts";
import { type BodyBounds, bodyBounds } from "../domain/body-bounds.ts";
import type { EventSink } from "./event-sink.ts";

/** A response that is already text and is sent unchanged, so that payloads keep their bytes in API responses. */
export class TextResponse {
  readonly text: string;
  readonly mediaType: string;

  constructor(text: string, mediaType = "application/json") {
    this.text = text;
    this.mediaType = mediaType;
  }
}

/** A response with a status other than 200, or with headers of its own. Without a value it has no body. */
export class StatusResponse {
  readonly status: number;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, value?: unknown, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.value = value;
    this.headers = headers;
  }
}

/** Redirects a browser with a 303. The request's URL contains a secret, which the new URL does not. */
export class Redirect {
  readonly location: string;
  readonly headers: Readonly<Record<string, string | string[]>>;

  constructor(location: string, headers: Redirect["headers"] = {}) {
    this.location = location;
    this.headers = headers;
  }
}

/** A response that continues: events are sent until the reader disconnects or the stream ends. */
export class EventStream {
  /** Resolves when it has ended. */
  readonly run: (out: EventSink) => Promise<void>;

  constructor(run: (out: EventSink) => Promise<void>) {
    this.run = run;
  }
}

export interface RouteRequest<Query, Body> {
  readonly caller: Caller;
  readonly headers: IncomingHttpHeaders;
  /** Identifies the request in the log. */
  readonly requestId: string;
  /** Values of the `:name` parameters of the path, as they were sent: opaque. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The text of the request body; empty without a body. */
  readonly bodyText: string;
  /** The key of the record, which belongs to the caller's credential. */
  readonly idempotencyKey: string | null;
  /** Counts the call in the audit log. Resolves when it is recorded. */
  readonly note: (kind: "sign_in" | "sign_in_failed" | "secret_read", caller?: Caller) => Promise<void>;
  /** Authenticates the caller again. Throws as the call itself would now. */
  readonly recheck: () => Promise<unknown>;
  /** Puts the URL of the next page into the response's Link header. */
  readonly nextPage: (cursor: string) => void;
  /** Calls another route on behalf of the caller. */
  readonly call: (inner: InnerCall) => Promise<InnerResponse>;
}

/** A call of a route that is made within another request, in the form in which a request arrives. */
export interface InnerCall {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly bodyText: string;
  readonly idempotencyKey: string | undefined;
}

export interface InnerResponse {
  readonly status: number;
  readonly body: string;
  readonly mediaType: string;
  /** The cursor of the next page; null on the last one, and for routes that are no lists. */
  readonly next: string | null;
}

/** One route of the API. The server registers it, and openapi.json documents it. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path without the prefix of its API. Parameters are `:name`. */
  readonly path: string;
  readonly operation: string;
  readonly tag: string;
  readonly summary: string;
  /** The required access; null for routes without authentication. */
  readonly access: Access | null;
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  /** The bounds of the body, which are checked before it is parsed. */
  readonly bodyBounds: BodyBounds;
  /** Response bytes that are counted before the response is built, for routes that read many items at once. */
  readonly bytesReserved: number;
  /** The schema of one event of a stream. */
  readonly response: z.ZodType;
  readonly mediaType: "application/json" | "text/plain" | "text/event-stream";
  /** Describes where it redirects browsers; null when it never does. */
  readonly redirects: string | null;
  /**
   * How a second request with the same idempotency key is treated. `stored`: the server replays the first response. `own`: the
   * handler's own transaction handles the key. `secret`: the first response contained a secret and is not stored, so that the
   * second request is rejected. `none`: the request is executed again.
   */
  readonly idempotency: "stored" | "own" | "secret" | "none";
  /** Whether the audit log records calls of the route that change something. */
  readonly isLogged: boolean;
  readonly handle: (request: RouteRequest<unknown, unknown>) => Promise<unknown>;
}

type Output<Schema extends z.ZodType | null> = Schema extends z.ZodType ? z.output<Schema> : undefined;

interface Definition<Query extends z.ZodType | null, Body extends z.ZodType | null, ResponseSchema extends z.ZodType> {
  readonly method: Route["method"];
  readonly path: string;
  readonly operation: string;
  readonly tag: string;
  readonly summary: string;
  /** The scope, or all of the scopes, that a key needs; null for routes without authentication. */
  readonly scope: Right | readonly Scope[] | null;
  readonly isOperators?: boolean;
  readonly isNamespaces?: boolean;
  readonly appTokens?: Access["appTokens"];
  readonly also?: readonly Condition<Output<Query>, Output<Body>>[];
  readonly query?: Query;
  readonly body?: Body;
  /** The bounds for a few fields by default. */
  readonly bodyBounds?: BodyBounds;
  readonly bytesReserved?: number;
  readonly response: ResponseSchema;
  readonly mediaType?: Route["mediaType"];
  readonly redirects?: string;
  readonly idempotency?: Route["idempotency"];
  readonly isLogged?: boolean;
  readonly handle: (
    request: RouteRequest<Output<Query>, Output<Body>>,
  ) => Promise<z.input<ResponseSchema> | TextResponse | StatusResponse | Redirect | EventStream>;
}

/** Ties a handler to the schemas of its request and response, so that the compiler checks it against them. */
export function route<
  ResponseSchema extends z.ZodType,
  Query extends z.ZodType | null = null,
  Body extends z.ZodType | null = null,
>(definition: Definition<Query, Body, ResponseSchema>): Route {
  const { scope, isOperators = false, isNamespaces = false, appTokens = "by_scope", also = [], ...rest } = definition;
  return {
    ...rest,
    access:
      scope === null
        ? null
        : { scopes: scopesOf(scope), isOperators, isNamespaces, appTokens, also: also as Access["also"] },
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
