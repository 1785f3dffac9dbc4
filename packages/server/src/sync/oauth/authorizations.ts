import { generateRandomCodeVerifier, generateRandomState } from "oauth4webapi";
import { assertNever } from "../../domain/assert-never.ts";
import type { Authorization, OAuthTokens } from "../../domain/authorization.ts";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { SourceConnection } from "../../domain/source-connection.ts";
import type { Intake, Origin } from "../../intake/intake.ts";
import type { AuthorizationFound } from "../../store/authorizations/interface.ts";
import type { Store } from "../../store/store.ts";
import { announcementOf, connectionAuthenticated } from "../events.ts";
import type { SyncRunner } from "../sync-runner.ts";
import { firstJobOf } from "./first-job.ts";
import { authorizeUrl, type ProviderSide, type TokenRequests, type TokenResponse } from "./provider.ts";

export interface AuthorizationParts {
  readonly runner: Pick<SyncRunner, "sources" | "wake">;
  readonly requests: Pick<TokenRequests, "exchange">;
  /** The public base URL of this Weft, without a trailing slash. */
  readonly publicUrl: () => string;
}

export interface AuthorizationResult {
  readonly sourceConnectionId: SourceConnection["id"];
  /** Where the browser is redirected; null for nowhere. */
  readonly redirectUrl: string | null;
  /** Null when the connection is authenticated. Otherwise an error code, from the provider if it sent one. */
  readonly error: string | null;
}

type AuthorizationRequest = Pick<Authorization, "client" | "redirectUrl" | "syncImmediately" | "claimHash">;

/** An authorization that was not opened yet, with its own secrets. */
export function newAuthorization(
  { id, organizationId }: Pick<SourceConnection, "id" | "organizationId">,
  request: AuthorizationRequest,
  { now, newId }: Origin,
): Authorization {
  const createdAt = now();
  return {
    ...request,
    id: newId<"authorization">(),
    organizationId,
    sourceConnectionId: id,
    code: generateRandomState(),
    state: generateRandomState(),
    verifier: generateRandomCodeVerifier(),
    createdAt,
    expiresAt: createdAt + limits.authorizationUrlMs,
  };
}

/** Redirects browsers to providers, and processes their return. A URL's code or state is enough to use it. */
export class Authorizations {
  readonly #store: Store;
  readonly #intake: Pick<Intake, "announcement">;
  readonly #origin: Origin;
  readonly #parts: AuthorizationParts;

  constructor(store: Store, intake: Pick<Intake, "announcement">, origin: Origin, parts: AuthorizationParts) {
    this.#store = store;
    this.#intake = intake;
    this.#origin = origin;
    this.#parts = parts;
  }

  /** The URL that begins an authorization. */
  urlOf(code: string): string {
    return `${this.#parts.publicUrl()}/source-connections/authorize/${code}`;
  }

  /** Opens an authorization, once. Returns the provider's URL. Throws not_found, authorization_expired or _used. */
  async open(code: string): Promise<string> {
    const now = this.#origin.now();
    const found = await this.#store.openAuthorization({ code, now, until: now + limits.authorizationStayMs });
    const authorization = orThrow(found, {
      unknown: "Authorization link expired or invalid.",
      whatToDo: "Change the source connection's authentication to get a new URL.",
    });
    const { side } = await this.#subjectOf(authorization);
    return await authorizeUrl(side, { ...authorization, redirectUri: this.#redirectUri() });
  }

  /**
   * Completes an authorization with the provider's response, once: also when the exchange fails or this process dies during it,
   * because the provider accepts its code once as well. The connection is then unchanged and needs a new authorization. Throws
   * not_found, authorization_expired or authorization_used.
   */
  async complete(callback: URLSearchParams): Promise<AuthorizationResult> {
    const found = await this.#store.takeAuthorization({ state: callback.get("state") ?? "", now: this.#origin.now() });
    const authorization = orThrow(found, {
      unknown: "OAuth2 session not found or expired.",
      whatToDo: "Begin the authorization again.",
    });
    const { side, connection } = await this.#subjectOf(authorization);
    const { state, verifier, redirectUrl } = authorization;
    const given = await this.#parts.requests.exchange(side, {
      callback,
      state,
      verifier,
      redirectUri: this.#redirectUri(),
    });
    if (given.kind === "granted") await this.#keep(authorization, connection, given.tokens);
    return { sourceConnectionId: connection.id, redirectUrl, error: errorOf(given) };
  }

  async #keep(authorization: Authorization, connection: SourceConnection, granted: OAuthTokens): Promise<void> {
    const now = this.#origin.now();
    const { organizationId } = connection;
    const authenticated = {
      ...connection,
      authenticatedAt: now,
      syncId: connection.syncId ?? this.#origin.newId<"sync">(),
    };
    const announce = [announcementOf(this.#intake, organizationId, connectionAuthenticated(authenticated, now))];
    const completed = await this.#store.completeAuthorization({
      authorizationId: authorization.id,
      sourceConnectionId: connection.id,
      tokens: { ...granted, client: authorization.client },
      syncId: authenticated.syncId,
      now,
      announce,
      first: authorization.syncImmediately
        ? await firstJobOf(this.#store, this.#intake, authenticated, this.#origin)
        : null,
    });
    if (!completed) throw unknown("The source connection was deleted, or another authorization was begun for it.");
    this.#parts.runner.wake();
  }

  async #subjectOf({ organizationId, sourceConnectionId, client }: Authorization) {
    const connection = await this.#store.readSourceConnection({ organizationId, sourceConnectionId });
    if (connection === null) throw unknown("The source connection was deleted.");
    const { sources } = this.#parts.runner;
    const source = sources.find(connection.source);
    const known = source === null ? null : (client ?? sources.clientFor(source, connection.config));
    if (source?.oauth === undefined || known === null) {
      throw new ApiError("bad_request", `Weft is no longer configured to authorize the source ${connection.source}.`);
    }
    const side: ProviderSide = {
      provider: source.oauth.provider(connection.config),
      client: known,
      owner: organizationId,
    };
    return { side, connection };
  }

  #redirectUri(): string {
    return `${this.#parts.publicUrl()}/source-connections/callback`;
  }
}

function orThrow(
  found: AuthorizationFound,
  texts: { readonly unknown: string; readonly whatToDo: string },
): Authorization {
  const { whatToDo } = texts;
  switch (found.kind) {
    case "found":
      return found.authorization;
    case "unknown":
      throw new ApiError("not_found", `${texts.unknown} ${whatToDo}`);
    case "expired":
      throw new ApiError("authorization_expired", `This authorization has expired. ${whatToDo}`);
    case "used":
      throw new ApiError("authorization_used", `This authorization has been used already. ${whatToDo}`);
    default:
      return assertNever(found);
  }
}

function unknown(why: string): ApiError {
  return new ApiError("not_found", `This authorization does not exist. ${why}`);
}

function errorOf(given: TokenResponse): string | null {
  switch (given.kind) {
    case "granted":
      return null;
    case "refused":
    case "misconfigured":
      return given.error;
    case "unavailable":
      return "provider_unavailable";
  }
}
