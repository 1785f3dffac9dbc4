import { createHash, timingSafeEqual } from "node:crypto";
import { generateRandomState } from "oauth4webapi";
import { authorizationState, type OAuthClient } from "../../domain/authorization.ts";
import { ApiError } from "../../domain/errors.ts";
import type { Intake, Origin } from "../../intake/intake.ts";
import type { StoredAuthorization } from "../../store/authorizations/interface.ts";
import type { SourceConnectionKey, SourceConnectionView } from "../../store/source-connections/interface.ts";
import type { Store } from "../../store/store.ts";
import { checkAuthentication } from "../source-settings.ts";
import type { SyncRunner } from "../sync-runner.ts";
import { newAuthorization } from "./authorizations.ts";
import { firstJobOf } from "./first-job.ts";

/** A claim token and its stored form. It proves that its bearer is the caller who began an authorization. */
export interface ClaimToken {
  readonly token: string;
  readonly hash: string;
}

export function newClaimToken(): ClaimToken {
  const token = generateRandomState();
  return { token, hash: hashOf(token) };
}

/** A connection with the claim token of an authorization that has just begun; null without an authorization. */
export interface BegunConnection extends SourceConnectionView {
  readonly claimToken: string | null;
}

/** Claims of authorizations by the callers who began them, and replacements of authorizations that were not completed. */
export class AuthorizationClaims {
  readonly #store: Store;
  readonly #intake: Pick<Intake, "announcement">;
  readonly #origin: Origin;
  readonly #runner: Pick<SyncRunner, "sources" | "wake">;

  constructor(
    store: Store,
    intake: Pick<Intake, "announcement">,
    origin: Origin,
    runner: Pick<SyncRunner, "sources" | "wake">,
  ) {
    this.#store = store;
    this.#intake = intake;
    this.#origin = origin;
    this.#runner = runner;
  }

  /**
   * Verifies the claim token of a connection that a browser has authorized, once, and starts the first sync unless it started with
   * the authorization. Null when there is no such connection. Throws authorization_not_claimable or claim_token_invalid.
   */
  async claim(key: SourceConnectionKey, token: string): Promise<SourceConnectionView | null> {
    const connection = await this.#store.readSourceConnection(key);
    if (connection === null) return null;
    const stored = await this.#store.readAuthorization(key);
    const { id, syncImmediately } = this.#claimable(stored, token);
    const claimed = await this.#store.claimAuthorization({
      authorizationId: id,
      sourceConnectionId: key.sourceConnectionId,
      now: this.#origin.now(),
      first: syncImmediately ? null : await firstJobOf(this.#store, this.#intake, connection, this.#origin),
    });
    if (!claimed) throw notClaimable("OAuth session is completed, expected in_progress.");
    this.#runner.wake();
    return await this.#store.readSourceConnection(key);
  }

  #claimable(stored: StoredAuthorization | null, token: string): StoredAuthorization["authorization"] {
    if (stored === null) {
      throw notClaimable("No OAuth session for this connection. Reinitiate its authorization to begin one.");
    }
    const { authorization, progress } = stored;
    if (authorization.claimHash === null) {
      throw notClaimable("No claim token on OAuth session. Reinitiate the authorization to get one.");
    }
    const state = authorizationState(progress, this.#origin.now());
    if (state !== "in_progress") throw notClaimable(`OAuth session is ${state}, expected in_progress.`);
    if (!timingSafeEqual(Buffer.from(authorization.claimHash), Buffer.from(hashOf(token)))) {
      throw new ApiError("claim_token_invalid", "Invalid claim token");
    }
    return authorization;
  }

  /**
   * Begins a new authorization with the settings of the previous one, which ends. Null when there is no such connection. Throws
   * already_authenticated, or authentication_method_unsupported if the source has no browser authentication.
   */
  async reinitiate(key: SourceConnectionKey): Promise<BegunConnection | null> {
    const connection = await this.#store.readSourceConnection(key);
    if (connection === null) return null;
    if (connection.authenticatedAt !== null && connection.needsReauthAt === null) {
      throw new ApiError("already_authenticated", "Connection is already authenticated");
    }
    const { sources } = this.#runner;
    const source = sources.find(connection.source);
    if (source === null) throw new ApiError("not_found", `Source '${connection.source}' not found`);
    const previous = (await this.#store.readAuthorization(key))?.authorization ?? null;
    const { redirectUrl = null, syncImmediately = false } = previous ?? {};
    const client = previous?.client ?? (await this.#clientOfTokens(key));
    checkAuthentication(source, { kind: "browser", client, redirectUrl }, { sources, config: connection.config });
    const { token: claimToken, hash: claimHash } = newClaimToken();
    const request = { client, redirectUrl, syncImmediately, claimHash };
    const authorization = newAuthorization(connection, request, this.#origin);
    if (!(await this.#store.beginAuthorization({ authorization }))) return null;
    const view = await this.#store.readSourceConnection(key);
    return view && { ...view, claimToken };
  }

  /** The own client of a connection that was authorized before. */
  async #clientOfTokens({ sourceConnectionId }: SourceConnectionKey): Promise<OAuthClient | null> {
    return (await this.#store.readTokens({ sourceConnectionId }))?.tokens.client ?? null;
  }
}

function notClaimable(detail: string): ApiError {
  return new ApiError("authorization_not_claimable", detail);
}

// Claim tokens are random and long, so a plain hash gives nothing away.
function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
