import type { IncomingHttpHeaders } from "node:http";
import { hasScope, type Scope } from "../../domain/account.ts";
import { ApiError } from "../../domain/errors.ts";
import type { OrganizationId } from "../../domain/id.ts";
import type { Store } from "../../store/store.ts";
import { type Authentication, bearerIn } from "../authentication.ts";
import type { Caller } from "../route.ts";
import { type Bearer, callerOf, type SvixTokens } from "./tokens.ts";

export interface SvixAuthenticationParts {
  /** For callers with Weft's own API keys, as bearer or in `x-api-key`. */
  readonly authentication: Authentication;
  /** Null without a secret: then only API keys open the door. */
  readonly tokens: SvixTokens | null;
  readonly store: Pick<Store, "isTokenEnded">;
  readonly now: () => number;
  readonly defaultOrganizationId: OrganizationId;
}

/** Finds out who calls: by a token that was signed for Svix' SDKs, or by one of Weft's API keys. */
export class SvixAuthentication {
  readonly #parts: SvixAuthenticationParts;

  constructor(parts: SvixAuthenticationParts) {
    this.#parts = parts;
  }

  async authenticate(headers: IncomingHttpHeaders, needed: Scope): Promise<Caller> {
    const { authentication, tokens, defaultOrganizationId } = this.#parts;
    const token = bearerIn(headers);
    if (tokens === null || token === null || isApiKey(token)) return authentication.authenticate(headers, needed);
    const bearer = await tokens.read(token);
    await this.#requireAlive(bearer);
    const caller = callerOf(bearer, defaultOrganizationId);
    if (hasScope(caller.scopes, needed)) return caller;
    throw new ApiError("scope_missing", `This token lacks the scope "${needed}".`);
  }

  async #requireAlive(bearer: Bearer): Promise<void> {
    if (bearer.kind === "organization") return;
    const { organizationId, names, token } = bearer;
    const { store, now } = this.#parts;
    if (!(await store.isTokenEnded({ organizationId, names, issuedAt: token.issuedAt, now: now() }))) return;
    throw new ApiError("unauthenticated", "This token was ended before its time. Ask for a new one.");
  }
}

// A token has two dots; a key of Weft's has none, and one that the operator chose may have any.
function isApiKey(token: string): boolean {
  return token.split(".").length !== 3;
}
