import type { IncomingHttpHeaders } from "node:http";
import type { TellError } from "./answer-error.ts";
import type { Caller, GuardedRoute, Route } from "./route.ts";

/** A table of routes below a prefix: who may call them, and how errors are told there. */
export interface Api {
  /** Empty, or a path without a slash at its end. */
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** Throws a 401 without or with a bad key, a 403 when the key may not call the route. */
  readonly authenticate: (headers: IncomingHttpHeaders, route: GuardedRoute) => Promise<Caller>;
  readonly tellError: TellError;
  /** Whether pages of any site may call it. Safe where nothing but what a call brings along opens the door. */
  readonly anyOrigin: boolean;
  /** Media types that are read as JSON. */
  readonly jsonMediaTypes: string | string[];
}
