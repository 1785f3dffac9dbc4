import { type FinalOutcome, webhookOutcomes } from "../domain/final-outcome.ts";
import type { SubscriptionId } from "../domain/id.ts";
import type { TokenClient } from "../domain/receiver-access.ts";
import { type RetryPolicy, retrySchedule } from "../domain/retry-policy.ts";
import type { Target } from "../domain/target.ts";
import type { Store } from "../store/store.ts";
import type { DeliverySettings } from "../store/subscriptions/interface.ts";
import { mcpDelivery } from "./targets/mcp.ts";
import { targetRules } from "./targets/target-kinds.ts";
import type { WriteRequest } from "./targets/target-rules.ts";

/** A subscription's target, prepared once for many requests: parsed, decoded and scheduled. */
export interface PreparedTarget {
  /** The organization that it belongs to. */
  readonly owner: string;
  /** The URL in the form that attempts show. */
  readonly url: string;
  readonly write: WriteRequest;
  readonly sendsTraceContext: boolean;
  readonly policy: RetryPolicy;
  readonly finalOutcome: FinalOutcome;
  /** When the subscription ends (Unix ms); null when it does not. */
  readonly expiresAt: number | null;
  /** The client whose access token each request needs; null for none. */
  readonly tokenClient: TokenClient | null;
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

  known(subscriptionId: SubscriptionId, now: number): PreparedTarget | undefined {
    const target = this.#ready.get(subscriptionId);
    return target === undefined || hasEnded(target, now) ? undefined : target;
  }

  /** Null when the subscription is disabled or deleted, or has ended. */
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
  get unknown(): Pick<PreparedTarget, "url" | "policy" | "finalOutcome"> {
    const policy = retrySchedule(this.#defaults.delaysMs, this.#defaults.random);
    return { url: "", policy, finalOutcome: webhookOutcomes };
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
    const { organizationId, target, access, retryDelaysMs, sendsTraceContext } = settings;
    const { authentication } = access;
    return {
      owner: organizationId,
      url: target.url,
      write: targetRules[target.kind].prepare(settings),
      sendsTraceContext,
      ...this.#retriesOf(target, retryDelaysMs),
      expiresAt: target.kind === "mcp" ? target.expiresAt : null,
      tokenClient: authentication?.type === "oauth2" ? authentication : null,
    };
  }

  #retriesOf(target: Target, retryDelaysMs: readonly number[] | null): Pick<PreparedTarget, "policy" | "finalOutcome"> {
    const { delaysMs, random } = this.#defaults;
    if (target.kind !== "mcp") {
      return { policy: retrySchedule(retryDelaysMs ?? delaysMs, random), finalOutcome: webhookOutcomes };
    }
    const { retryAfterMsMax, finalOutcome } = mcpDelivery;
    return { policy: retrySchedule(mcpDelivery.delaysMs, random, retryAfterMsMax), finalOutcome };
  }

  #remember(subscriptionId: SubscriptionId, target: PreparedTarget): void {
    if (this.#ready.size >= rememberedMax) this.#ready.clear();
    this.#ready.set(subscriptionId, target);
  }
}

function hasEnded({ expiresAt }: Pick<PreparedTarget, "expiresAt">, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
