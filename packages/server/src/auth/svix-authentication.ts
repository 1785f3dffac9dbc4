import type { IncomingHttpHeaders } from "node:http";
import { hasScope } from "../domain/api-key.ts";
import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import type { OrganizationNamespaces } from "../intake/organization-namespaces.ts";
import type { Store } from "../store/store.ts";
import { type Authentication, bearerIn, keyIn } from "./authentication.ts";
import type { Caller } from "./caller.ts";
import { ownScopesWith } from "./capabilities.ts";
import { type ApplicationBearer, type Bearer, callerOf, type SvixTokens } from "./svix-tokens.ts";
import { WrongKeyError } from "./wrong-keys.ts";

export interface SvixAuthenticationParts {
  /** For callers with Weft's own API keys, as bearer or in `x-api-key`. */
  readonly authentication: Authentication;
  /** Null without a secret: then only API keys are accepted. */
  readonly tokens: SvixTokens | null;
  readonly store: Pick<Store, "isTokenRevoked">;
  readonly namespaces: OrganizationNamespaces;
  readonly now: () => number;
  readonly defaultOrganizationId: OrganizationId;
}

/** Authenticates callers with a token that was signed for Svix's SDKs, or with one of Weft's API keys. */
export class SvixAuthentication {
  readonly #parts: SvixAuthenticationParts;

  constructor(parts: SvixAuthenticationParts) {
    this.#parts = parts;
  }

  /** Throws a 401 for a missing or invalid credential. Returns a caller without a promise if the key was used just before. */
  authenticate(headers: IncomingHttpHeaders): Caller | Promise<Caller> {
    return this.#parts.authentication.remembered(headers) ?? this.#authenticate(headers);
  }

  async #authenticate(headers: IncomingHttpHeaders): Promise<Caller> {
    const { authentication, tokens, defaultOrganizationId } = this.#parts;
    const token = bearerIn(headers);
    if (tokens === null || token === null || isApiKey(token)) return await withKey(authentication, tokens, headers);
    const bearer = await tokens.read(token);
    await this.#requireAlive(bearer);
    return callerOf(bearer, defaultOrganizationId);
  }

  /**
   * The caller of an application's own token in Weft's own API. Null for other credentials; throws a 401 for a revoked token.
   */
  async applicationWith(token: string): Promise<Caller | null> {
    const { tokens, defaultOrganizationId } = this.#parts;
    const bearer = tokens === null || isApiKey(token) ? null : await readOrNull(tokens, token);
    if (bearer === null || bearer.kind !== "application") return null;
    await this.#requireAlive(bearer);
    return { ...callerOf(bearer, defaultOrganizationId), scopes: ownScopesWith(bearer.capabilities) };
  }

  async #requireAlive(bearer: Bearer): Promise<void> {
    if (bearer.kind === "organization") return;
    const { organizationId, names, token } = bearer;
    const { store, namespaces, now } = this.#parts;
    if ((await namespaces.of(organizationId)) !== bearer.namespace) throw new ApiError("not_found", "Entity not found");
    const isEnded = await store.isTokenRevoked({ organizationId, names, issuedAt: token.issuedAt, now: now() });
    if (!isEnded && (await this.#hasItsKey(bearer))) return;
    throw new ApiError("unauthenticated", "This token was revoked. Request a new one.");
  }

  /** Whether the key that created a token still has the right to do so. */
  async #hasItsKey({ keyHash, organizationId }: ApplicationBearer): Promise<boolean> {
    if (keyHash === null) return true;
    const maker = await this.#parts.authentication.callerWith(keyHash);
    if (maker === null || !hasScope(maker.scopes, "admin")) return false;
    return maker.isOperator || maker.organizationId === organizationId;
  }
}

/** An unknown key gets the response that clients of Svix know, and the secret that signs tokens its own. */
async function withKey(
  authentication: Authentication,
  tokens: SvixTokens | null,
  headers: IncomingHttpHeaders,
): Promise<Caller> {
  try {
    return await authentication.authenticate(headers);
  } catch (error) {
    if (!(error instanceof WrongKeyError)) throw error;
    tokens?.refuseSecret(keyIn(headers) ?? "");
    throw new WrongKeyError("Invalid token", keyIn(headers) ?? "", { cause: error });
  }
}

async function readOrNull(tokens: SvixTokens, token: string): Promise<Bearer | null> {
  try {
    return await tokens.read(token);
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

// A token has two dots. Weft's own keys have none; a key that the operator chose may have any number.
function isApiKey(token: string): boolean {
  return !token.includes(".") || token.split(".").length !== 3;
}
