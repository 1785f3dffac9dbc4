import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../auth/caller.ts";
import type { Challenge, RenderError } from "./error-response.ts";
import type { Route } from "./route.ts";

/** A table of routes below a prefix, with its authentication and its form of errors. */
export interface Api {
  /** Empty, or a path without a slash at its end. */
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** Authenticates the caller. Throws a 401 for a missing or invalid credential. */
  readonly authenticate: (headers: IncomingHttpHeaders, route: Pick<Route, "method">) => Caller | Promise<Caller>;
  readonly renderError: RenderError;
  /** The header `WWW-Authenticate` of an error; null for none. */
  readonly challenge: Challenge;
  /** Whether pages of any site may call the API. That is safe where a call is authenticated only by its own content. */
  readonly anyOrigin: boolean;
  /** Media types that are parsed as JSON. */
  readonly jsonMediaTypes: string | string[];
}
