import type { SubscriptionId } from "../domain/id.ts";
import { type RetryPolicy, retrySchedule } from "../domain/retry-policy.ts";
import type { Target } from "../domain/subscription.ts";
import { parseTarget } from "../outbound/exchange.ts";
import type { Store } from "../store/store.ts";
import { type ReadyDestination, readyDestination } from "./destinations/notify.ts";
import { ownHeaders, type SigningKey, signingKey } from "./request-headers.ts";

/** A subscription's target, prepared once for many requests: parsed, decoded and scheduled. */
export interface ReadyTarget {
  /** The organization that it belongs to. */
  readonly owner: string;
  readonly url: string;
  readonly place: { origin: string; path: string };
  /** Null for webhooks. */
  readonly destination: ReadyDestination | null;
  readonly headers: readonly string[];
  readonly keys: readonly SigningKey[];
  readonly policy: RetryPolicy;
}

export interface RetryDefaults {
  readonly delaysMs: readonly number[];
  readonly random: () => number;
}

const rememberedMax = 50_000;

/**
 * Caches targets until they change. The store reports changes; the result of a load that was running at that time is not
 * cached.
 */
export class Targets {
  readonly #store: Pick<Store, "readTarget">;
  readonly #defaults: RetryDefaults;
  readonly #ready = new Map<SubscriptionId, ReadyTarget>();
  readonly #loading = new Map<SubscriptionId, Promise<ReadyTarget | null>>();

  constructor(store: Pick<Store, "readTarget">, defaults: RetryDefaults) {
    this.#store = store;
    this.#defaults = defaults;
  }

  known(subscriptionId: SubscriptionId): ReadyTarget | undefined {
    return this.#ready.get(subscriptionId);
  }

  /** Null when the subscription is disabled or deleted. */
  load(subscriptionId: SubscriptionId, now: number): Promise<ReadyTarget | null> {
    const known = this.#loading.get(subscriptionId);
    if (known !== undefined) return known;
    const loading = this.#read(subscriptionId, now).then(
      (target) => {
        if (this.#loading.get(subscriptionId) === loading) {
          this.#loading.delete(subscriptionId);
          if (target !== null) this.#remember(subscriptionId, target);
        }
        return target;
      },
      (error: unknown) => {
        if (this.#loading.get(subscriptionId) === loading) this.#loading.delete(subscriptionId);
        throw error;
      },
    );
    this.#loading.set(subscriptionId, loading);
    return loading;
  }

  /** Replaces a target that could not be prepared: its attempts fail with the default schedule. */
  get unknown(): Pick<ReadyTarget, "url" | "policy"> {
    return { url: "", policy: retrySchedule(this.#defaults.delaysMs, this.#defaults.random) };
  }

  forget(subscriptionId: SubscriptionId): void {
    this.#ready.delete(subscriptionId);
    this.#loading.delete(subscriptionId);
  }

  async #read(subscriptionId: SubscriptionId, now: number): Promise<ReadyTarget | null> {
    const target = await this.#store.readTarget({ subscriptionId, now });
    return target === null ? null : this.#prepare(target);
  }

  #prepare(target: Target): ReadyTarget {
    return {
      owner: target.organizationId,
      url: target.url,
      place: parseTarget(target.url),
      destination: target.destination === null ? null : readyDestination(target.destination, target.url),
      headers: ownHeaders(target),
      keys: target.secrets.map(signingKey),
      policy: retrySchedule(target.retryDelaysMs ?? this.#defaults.delaysMs, this.#defaults.random),
    };
  }

  #remember(subscriptionId: SubscriptionId, target: ReadyTarget): void {
    if (this.#ready.size >= rememberedMax) this.#ready.clear();
    this.#ready.set(subscriptionId, target);
  }
}
