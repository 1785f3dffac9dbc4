import type { SubscriptionId } from "../domain/id.ts";
import { type RetryPolicy, retrySchedule } from "../domain/retry-policy.ts";
import type { Store } from "../store/store.ts";
import type { DeliverySettings } from "../store/subscriptions/interface.ts";
import { targetRules } from "./targets/target-kinds.ts";
import type { WriteRequest } from "./targets/target-rules.ts";

/** A subscription's target, prepared once for many requests: parsed, decoded and scheduled. */
export interface PreparedTarget {
  /** The organization that it belongs to. */
  readonly owner: string;
  /** The URL in the form that attempts show. */
  readonly url: string;
  readonly write: WriteRequest;
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
export class PreparedTargets {
  readonly #store: Pick<Store, "readDeliverySettings">;
  readonly #defaults: RetryDefaults;
  readonly #ready = new Map<SubscriptionId, PreparedTarget>();
  readonly #loading = new Map<SubscriptionId, Promise<PreparedTarget | null>>();

  constructor(store: Pick<Store, "readDeliverySettings">, defaults: RetryDefaults) {
    this.#store = store;
    this.#defaults = defaults;
  }

  known(subscriptionId: SubscriptionId): PreparedTarget | undefined {
    return this.#ready.get(subscriptionId);
  }

  /** Null when the subscription is disabled or deleted. */
  load(subscriptionId: SubscriptionId, now: number): Promise<PreparedTarget | null> {
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
  get unknown(): Pick<PreparedTarget, "url" | "policy"> {
    return { url: "", policy: retrySchedule(this.#defaults.delaysMs, this.#defaults.random) };
  }

  forget(subscriptionId: SubscriptionId): void {
    this.#ready.delete(subscriptionId);
    this.#loading.delete(subscriptionId);
  }

  async #read(subscriptionId: SubscriptionId, now: number): Promise<PreparedTarget | null> {
    const settings = await this.#store.readDeliverySettings({ subscriptionId, now });
    return settings === null ? null : this.#prepare(settings);
  }

  #prepare(settings: DeliverySettings): PreparedTarget {
    const { organizationId, target, retryDelaysMs } = settings;
    return {
      owner: organizationId,
      url: target.url,
      write: targetRules[target.kind].prepare(settings),
      policy: retrySchedule(retryDelaysMs ?? this.#defaults.delaysMs, this.#defaults.random),
    };
  }

  #remember(subscriptionId: SubscriptionId, target: PreparedTarget): void {
    if (this.#ready.size >= rememberedMax) this.#ready.clear();
    this.#ready.set(subscriptionId, target);
  }
}
