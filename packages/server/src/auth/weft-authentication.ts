import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../domain/errors.ts";
import { type Authentication, keyIn } from "./authentication.ts";
import type { Caller } from "./caller.ts";
import { cookieIn } from "./cookies.ts";
import { looksSealed } from "./session-tokens.ts";
import type { Sessions } from "./sessions.ts";
import type { SvixAuthentication } from "./svix-authentication.ts";

export const sessionCookie = "weft_session";
/** Pages of other sites cannot send this header: that requires a CORS permission that this API never grants. */
export const consoleHeader = "x-weft-console";

export interface WeftAuthenticationParts {
  readonly keys: Authentication;
  readonly sessions: Sessions;
  readonly svix: SvixAuthentication;
}

/**
 * Authenticates callers of Weft's own API: by an API key, by the token of a portal link in its place, or else by the cookie of
 * a browser session. A cookie is never used in place of an invalid key.
 */
export class WeftAuthentication {
  readonly #parts: WeftAuthenticationParts;

  constructor(parts: WeftAuthenticationParts) {
    this.#parts = parts;
  }

  /** Throws a 401 for a missing or invalid credential. Returns a caller without a promise if the key was used just before. */
  authenticate(headers: IncomingHttpHeaders, route: { readonly method: string }): Caller | Promise<Caller> {
    return this.#parts.keys.remembered(headers) ?? this.#authenticate(headers, route);
  }

  async #authenticate(headers: IncomingHttpHeaders, route: { readonly method: string }): Promise<Caller> {
    const key = keyIn(headers);
    const caller = key === null ? await this.#callerWithCookie(headers, route) : await this.#callerWithToken(key);
    if (caller === null) return await this.#parts.keys.authenticate(headers);
    return await this.#parts.keys.inOrganization(caller, headers["x-organization-id"]);
  }

  async #callerWithToken(token: string): Promise<Caller | null> {
    const { sessions, svix } = this.#parts;
    if (looksSealed(token)) return await sessions.callerWith(token, "portal");
    return await svix.applicationWith(token);
  }

  async #callerWithCookie(
    headers: IncomingHttpHeaders,
    { method }: { readonly method: string },
  ): Promise<Caller | null> {
    const cookie = cookieIn(headers, sessionCookie);
    if (cookie === null) return null;
    const { sessions, keys } = this.#parts;
    const caller = await sessions.callerWith(cookie, "session");
    if (caller === null) {
      if (keys.needsNoKey) return null;
      throw new ApiError("unauthenticated", "The session has ended. Begin another one with an API key.");
    }
    if (method === "GET" || headers[consoleHeader] !== undefined) return caller;
    throw new ApiError(
      "console_header_missing",
      `A change with the cookie of a session needs the header \`${consoleHeader}: 1\`.`,
    );
  }
}
