import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../auth/caller.ts";
import type { TellError } from "./answer-error.ts";
import type { Route } from "./route.ts";

/** A table of routes below a prefix: who may call them, and how errors are told there. */
export interface Api {
  /** Empty, or a path without a slash at its end. */
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** Finds out who calls. Throws a 401 without a credential, or with a bad one. */
  readonly authenticate: (headers: IncomingHttpHeaders, route: Pick<Route, "method">) => Promise<Caller>;
  readonly tellError: TellError;
  /** Whether pages of any site may call it. Safe where nothing but what a call brings along opens the door. */
  readonly anyOrigin: boolean;
  /** Media types that are read as JSON. */
  readonly jsonMediaTypes: string | string[];
}
