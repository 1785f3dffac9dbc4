import type { IncomingHttpHeaders } from "node:http";
import type { z } from "zod";
import type { Right, Scope } from "../domain/account.ts";
import type { Actor } from "../domain/audit-entry.ts";
import type { OrganizationId } from "../domain/id.ts";
import { type BodyBounds, bodyBounds } from "../domain/limits.ts";
import type { EventSink } from "./stream/event-sink.ts";

/** Who asks: which organization's things he sees, and what he may do with them. */
export interface Caller {
  readonly actor: Actor;
  readonly organizationId: OrganizationId;
  readonly scopes: readonly Scope[];
  /**
   * Whether he runs this installation: he makes organizations and may work in any of them. An admin key does so only if
   * the operator gave it, or it belongs to the first organization; elsewhere admin means the key's own organization.
   */
  readonly isOperator: boolean;
  /** Flags by which event types are shown; null for a caller who sees all of them. */
  readonly featureFlags: readonly string[] | null;
  /** Null for one who came with anything else than an application's own token. */
  readonly appToken: AppToken | null;
  /** Null for one who came with his key itself. */
  readonly session: Session | null;
  /** SHA-256 of the API key that he came with, or that stands behind his session; null without one. */
  readonly keyHash: string | null;
  /** When what he came with expires (Unix ms); null when it never does. */
  readonly expiresAt: number | null;
}

/** Whoever calls where nobody is asked for a key, or who is known by nothing. */
export function unknownCaller(organizationId: OrganizationId): Caller {
  return {
    actor: { kind: "anybody", id: null, name: null, via: null },
    organizationId,
    scopes: [],
    isOperator: false,
    featureFlags: null,
    appToken: null,
    session: null,
    keyHash: null,
    expiresAt: null,
  };
}

/** A browser's session, or a link to the console, as far as it can be ended. Times are Unix ms. */
export interface Session {
  /** What it goes under where tokens are ended, in this organization. */
  readonly name: string;
  readonly organizationId: OrganizationId;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** An application's own token, as far as routes ask for more of it than its scopes. Times are Unix ms. */
export interface AppToken {
  readonly capabilities: readonly string[];
  /** What it goes under where tokens are ended, and no other does. */
  readonly name: string;
  readonly issuedAt: number;
  /** Null when it never expires. */
  readonly expiresAt: number | null;
}

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
  readonly idempotencyKey: string | null;
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
  /** The right that a caller needs; null for routes that anybody may call. */
  readonly scope: Right | null;
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
  /** `stored`: the server replays the first answer. `own`: the handler's own transaction sees to it. */
  readonly idempotency: "stored" | "own";
  /** Whether a call of it stands in the audit log, where it changes anything. */
  readonly isLogged: boolean;
  readonly handle: (request: RouteRequest<unknown, unknown>) => Promise<unknown>;
}

interface Definition<Query extends z.ZodType | null, Body extends z.ZodType | null, Answer extends z.ZodType> {
  readonly method: Route["method"];
  readonly path: string;
  readonly operation: string;
  readonly tag: string;
  readonly summary: string;
  readonly scope: Right | null;
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
    request: RouteRequest<
      Query extends z.ZodType ? z.output<Query> : undefined,
      Body extends z.ZodType ? z.output<Body> : undefined
    >,
  ) => Promise<z.input<Answer> | AnswerText | StatusAnswer | Redirect | EventStream>;
}

/** A route that asks who calls. */
export type GuardedRoute = Route & { readonly scope: Right };

export function isGuarded(route: Route): route is GuardedRoute {
  return route.scope !== null;
}

/** Ties a handler to the schemas of what it gets and answers, so that the compiler holds it to them. */
export function route<
  Answer extends z.ZodType,
  Query extends z.ZodType | null = null,
  Body extends z.ZodType | null = null,
>(definition: Definition<Query, Body, Answer>): Route {
  return {
    ...definition,
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
