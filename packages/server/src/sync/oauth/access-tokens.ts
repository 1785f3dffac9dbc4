import { isUsable, type OAuthTokens } from "../../domain/authorization.ts";
import type { Clock } from "../../domain/clock.ts";
import { StoreUnavailableError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { StoredTokens } from "../../store/authorizations/interface.ts";
import type { Store } from "../../store/store.ts";
import type { SyncPlan } from "../../store/sync-jobs/interface.ts";
import { CredentialsRefusedError, type Source, SourceError } from "../source.ts";
import type { SourceList } from "../source-list.ts";
import type { ProviderSide, TokenRequests } from "./provider.ts";

export interface AccessTokenParts {
  readonly store: Pick<Store, "readTokens" | "claimRenewal" | "renewTokens" | "refuseTokens">;
  readonly sources: Pick<SourceList, "clientFor">;
  readonly requests: Pick<TokenRequests, "refresh">;
  readonly clock: Clock;
}

/** The job that needs the tokens, and its connection. */
interface TokenPlan {
  readonly job: Pick<SyncPlan["job"], "id">;
  readonly connection: Pick<SyncPlan["connection"], "id" | "config" | "organizationId">;
}

const waitsMs = [1_000, 2_000, 4_000, 8_000, 16_000] as const;
const othersTurnMs = 500;

/**
 * The access tokens of one running job. They are renewed shortly before they expire, and when the provider rejects one.
 *
 * Providers may accept a refresh token only once. Therefore one job at a time, on any node, renews a connection's tokens, and
 * the new tokens are stored before they are used. If the process dies between the provider's response and that commit, or the
 * database is unavailable for too long, the new tokens are lost. The next renewal then sends the old refresh token. A
 * provider that accepts it again repairs the connection; with any other, the connection must be authorized again. This is
 * unavoidable without the provider's help, because only its response contained the new tokens.
 */
export class AccessTokens {
  readonly #parts: AccessTokenParts;
  readonly #plan: TokenPlan;
  readonly #source: Source;
  readonly #signal: AbortSignal;
  /** Every token that was used here. None may appear in the job's error. */
  readonly secrets: OAuthTokens[] = [];
  #current: StoredTokens | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: AccessTokenParts, plan: TokenPlan, source: Source, signal: AbortSignal) {
    this.#parts = parts;
    this.#plan = plan;
    this.#source = source;
    this.#signal = signal;
  }

  /**
   * A token that can be used now and is not the `refused` one. Throws a SourceError if the connection has none: it must be
   * authorized again, the provider is unreachable, or Weft is not configured for it.
   */
  get(refused?: string): Promise<string> {
    // Renewals run one after the other: a caller that waited uses the result of the previous one.
    const next = this.#last.then(
      () => this.#get(refused ?? null),
      () => this.#get(refused ?? null),
    );
    this.#last = next;
    return next;
  }

  /** Resolves when no renewal is running, because its result must be stored before this process ends. */
  async settled(): Promise<void> {
    await this.#last.catch(() => {});
  }

  async #get(refused: string | null): Promise<string> {
    const current = this.#current;
    if (current !== null && this.#canUse(current, refused)) return current.tokens.accessToken;
    for (let failures = 0; ; ) {
      this.#signal.throwIfAborted();
      const stored = await this.#read();
      if (this.#canUse(stored, refused)) return stored.tokens.accessToken;
      const renewal = await this.#renew(stored);
      if (renewal.kind === "renewed") return renewal.accessToken;
      const waitMs = renewal.kind === "others" ? othersTurnMs : waitsMs[failures++];
      if (renewal.kind === "failed" && waitMs === undefined) {
        throw new SourceError(`The provider could not renew the access token. ${renewal.detail}`);
      }
      await this.#parts.clock.sleep(waitMs ?? othersTurnMs, this.#signal);
    }
  }

  #canUse({ tokens }: StoredTokens, refused: string | null): boolean {
    return isUsable(tokens, { refused, now: this.#parts.clock.now() });
  }

  async #read(): Promise<StoredTokens> {
    const stored = await this.#parts.store.readTokens({ sourceConnectionId: this.#plan.connection.id });
    if (stored === null) throw new SourceError("The source connection has no tokens.");
    if (stored.needsReauth)
      throw new CredentialsRefusedError(`The provider no longer accepts its tokens. ${authorizeAgain}`);
    this.#hold(stored);
    return stored;
  }

  #hold(stored: StoredTokens): void {
    this.#current = stored;
    this.secrets.push(stored.tokens);
  }

  async #renew({ tokens, version }: StoredTokens): Promise<Renewal> {
    const { store, clock, requests } = this.#parts;
    const key = { sourceConnectionId: this.#plan.connection.id, version };
    if (tokens.refreshToken === null) {
      await store.refuseTokens({ ...key, now: clock.now() });
      throw new CredentialsRefusedError(
        `The access token expired or was revoked, and there is no refresh token to renew it. ${authorizeAgain}`,
      );
    }
    const side = this.#side(tokens);
    const now = clock.now();
    const claim = { ...key, jobId: this.#plan.job.id, now, until: now + limits.tokenRenewalMs };
    if (!(await store.claimRenewal(claim))) return { kind: "others" };
    const response = await requests.refresh(side, tokens.refreshToken);
    // The renewal had no result, so that the next one need not wait for the claim to expire.
    if (response.kind !== "granted") await store.claimRenewal({ ...claim, until: now });
    switch (response.kind) {
      case "granted":
        return await this.#keep(key.version, {
          ...response.tokens,
          refreshToken: response.tokens.refreshToken ?? tokens.refreshToken,
          client: tokens.client,
        });
      case "refused":
        await store.refuseTokens({ ...key, now: clock.now() });
        throw new CredentialsRefusedError(
          `The provider refused to renew the access token (${response.error}): the grant was revoked or has expired. ${authorizeAgain}`,
        );
      case "misconfigured":
        throw new SourceError(
          `The provider does not allow Weft to renew the access token (${response.error}). Check the OAuth client of Weft at the provider.`,
        );
      case "unavailable":
        return { kind: "failed", detail: response.detail };
    }
  }

  /** Stores renewed tokens. It retries, because they cannot be obtained again. */
  async #keep(version: number, tokens: OAuthTokens): Promise<Renewal> {
    const { store, clock } = this.#parts;
    const key = { sourceConnectionId: this.#plan.connection.id, version };
    this.secrets.push(tokens);
    for (const waitMs of [...waitsMs, null]) {
      try {
        const isKept = await store.renewTokens({ ...key, tokens, now: clock.now() });
        // The connection was authorized again meanwhile, so that the stored tokens are newer.
        if (!isKept) return { kind: "others" };
        this.#hold({ tokens, version: version + 1, needsReauth: false });
        return { kind: "renewed", accessToken: tokens.accessToken };
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || waitMs === null) throw error;
        await clock.sleep(waitMs, neverAborted);
      }
    }
    throw new Error("The last try returns or throws.");
  }

  #side(tokens: OAuthTokens): ProviderSide {
    const { oauth, shortName } = this.#source;
    const { config, organizationId: owner } = this.#plan.connection;
    const client = tokens.client ?? this.#parts.sources.clientFor(this.#source, config);
    if (oauth === undefined || client === null) {
      throw new SourceError(
        `The access token expired, and Weft has no client at the provider of ${shortName} to renew it.`,
      );
    }
    return { provider: oauth.provider(config), client, owner };
  }
}

type Renewal =
  | { readonly kind: "renewed"; readonly accessToken: string }
  /** Another job is renewing or has renewed them. */
  | { readonly kind: "others" }
  | { readonly kind: "failed"; readonly detail: string };

const authorizeAgain = "Authorize the source connection again.";
const neverAborted = new AbortController().signal;
