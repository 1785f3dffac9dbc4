import type { UnreachableReason } from "../domain/attempt.ts";
import type { Clock } from "../domain/clock.ts";
import type { SubscriptionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { isFreshToken, mayBeOutdated, type ReceiverToken, type TokenClient } from "../domain/receiver-access.ts";
import type { IssuedToken } from "../outbound/client-credentials.ts";
import type { Store } from "../store/store.ts";

export type RequestToken = (client: TokenClient, owner: string) => Promise<IssuedToken>;

export interface ReceiverTokensParts {
  readonly store: Pick<Store, "readReceiverToken" | "claimTokenRenewal" | "putReceiverToken" | "releaseTokenRenewal">;
  readonly clock: Clock;
  readonly requestToken: RequestToken;
}

/** A subscription whose requests need an access token. */
export interface TokenOwner {
  readonly subscriptionId: SubscriptionId;
  /** The organization of the subscription. */
  readonly owner: string;
  readonly client: TokenClient;
}

/** No token could be obtained: the outcome of the attempt that needs it. */
export interface MissingToken {
  readonly reason: UnreachableReason;
  readonly detail: string;
}

const lookMs = 200;

/**
 * The access tokens that requests to receivers need. The store shares them between nodes, and one node at a time replaces
 * each.
 */
export class ReceiverTokens {
  readonly #parts: ReceiverTokensParts;
  readonly #known = new Map<SubscriptionId, ReceiverToken>();
  readonly #underWay = new Map<SubscriptionId, Promise<ReceiverToken | MissingToken>>();
  /** Recent failures, so that a failing token endpoint gets few requests. */
  readonly #failed = new Map<SubscriptionId, { readonly why: MissingToken; readonly until: number }>();

  constructor(parts: ReceiverTokensParts) {
    this.#parts = parts;
  }

  /** Returns a token, or the reason why no token was issued. Rejects when the store is unavailable. */
  async tokenFor(owner: TokenOwner): Promise<ReceiverToken | MissingToken> {
    const { subscriptionId } = owner;
    const now = this.#parts.clock.now();
    const known = this.#known.get(subscriptionId);
    if (known !== undefined && isFreshToken(known, now)) return known;
    const failed = this.#failed.get(subscriptionId);
    if (failed !== undefined && now < failed.until) return failed.why;
    return await this.#obtain(owner, null);
  }

  /** Replaces a token that the receiver refused. False when a new one would not help, or could not be obtained. */
  async replaceRefused(owner: TokenOwner, refused: ReceiverToken): Promise<boolean> {
    if (!mayBeOutdated(refused, this.#parts.clock.now())) return false;
    const { subscriptionId } = owner;
    const known = this.#known.get(subscriptionId);
    if (known !== undefined && known.obtainedAt > refused.obtainedAt) return true;
    this.#known.delete(subscriptionId);
    return "value" in (await this.#obtain(owner, refused.obtainedAt));
  }

  /** The settings of the subscription changed. */
  forget(subscriptionId: SubscriptionId): void {
    this.#known.delete(subscriptionId);
    this.#underWay.delete(subscriptionId);
    this.#failed.delete(subscriptionId);
  }

  #obtain(owner: TokenOwner, refusedAt: number | null): Promise<ReceiverToken | MissingToken> {
    const { subscriptionId } = owner;
    const running = this.#underWay.get(subscriptionId);
    if (running !== undefined) return running;
    const obtaining = this.#shared(owner, refusedAt)
      .then((result) => {
        if (this.#underWay.get(subscriptionId) === obtaining) this.#remember(subscriptionId, result);
        return result;
      })
      .finally(() => {
        if (this.#underWay.get(subscriptionId) === obtaining) this.#underWay.delete(subscriptionId);
      });
    this.#underWay.set(subscriptionId, obtaining);
    return obtaining;
  }

  #remember(subscriptionId: SubscriptionId, result: ReceiverToken | MissingToken): void {
    if ("value" in result) {
      if (this.#known.size >= limits.receiverTokensRememberedMax) this.#known.clear();
      this.#known.set(subscriptionId, result);
      this.#failed.delete(subscriptionId);
      return;
    }
    if (this.#failed.size >= limits.receiverTokensRememberedMax) this.#failed.clear();
    this.#failed.set(subscriptionId, { why: result, until: this.#parts.clock.now() + limits.tokenFailureKeptMs });
  }

  /** Reads the token that all nodes share, or replaces it. A token that was obtained until `refusedAt` is not used. */
  async #shared(owner: TokenOwner, refusedAt: number | null): Promise<ReceiverToken | MissingToken> {
    const { store, clock } = this.#parts;
    const { subscriptionId } = owner;
    const begunAt = clock.now();
    for (;;) {
      const now = clock.now();
      const stored = await store.readReceiverToken({ subscriptionId });
      const isUsable = stored !== null && isFreshToken(stored, now) && stored.obtainedAt > (refusedAt ?? -1);
      if (isUsable) return stored;
      const obtainedAt = stored?.obtainedAt ?? null;
      const until = now + limits.tokenRenewalMs;
      if (await store.claimTokenRenewal({ subscriptionId, obtainedAt, now, until })) {
        return await this.#replace(owner, obtainedAt);
      }
      if (now - begunAt >= limits.tokenRenewalMs) return anotherNode;
      await clock.sleep(lookMs, new AbortController().signal);
    }
  }

  async #replace(owner: TokenOwner, before: number | null): Promise<ReceiverToken | MissingToken> {
    const { store, clock, requestToken } = this.#parts;
    const { subscriptionId, client } = owner;
    const requestedAt = clock.now();
    const issued = await requestToken(client, owner.owner);
    if (issued.kind === "refused") {
      await store.releaseTokenRenewal({ subscriptionId });
      return { reason: issued.reason, detail: issued.detail };
    }
    const lifetimeMs = issued.lifetimeMs ?? limits.tokenLifetimeMsDefault;
    const token = {
      value: issued.value,
      obtainedAt: Math.max(requestedAt, (before ?? -1) + 1),
      expiresAt: Math.round(requestedAt + lifetimeMs),
    };
    await store.putReceiverToken({ subscriptionId, token });
    return token;
  }
}

const anotherNode: MissingToken = {
  reason: "authentication",
  detail: "Another node requested an access token from the token endpoint, and got none in time.",
};
