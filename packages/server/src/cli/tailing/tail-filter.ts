import type { StreamItem, StreamQuery } from "@weft/sdk";

/** The items that a tail shows: messages and attempts of these event types, or only attempts with this status. */
export interface TailOptions {
  /** Exact, or ending in `.*`; or `*`. Null for all. */
  readonly eventTypes: readonly string[] | null;
  /** `success`, `failed`, a status such as `503`, or a class such as `5xx`. Null for messages and all attempts. */
  readonly status: string | null;
  readonly subscriptionId: string | undefined;
}

export type StreamedItem = Extract<StreamItem, { readonly event: "message" | "attempt" | "gap" }>;

/** The filters that Weft applies. It does not support a status, which is matched here. */
export function queryOf({ eventTypes, status, subscriptionId }: TailOptions): StreamQuery {
  return {
    events: status === null ? ["message", "attempt"] : ["attempt"],
    event_types: eventTypes ?? undefined,
    subscription_id: subscriptionId,
  };
}

const rememberedMax = 10_000;

/** Passes each matching item once, because some are repeated after a connection was lost. */
export class TailFilter {
  readonly #filters: TailOptions;
  readonly #seen = new Set<string>();

  constructor(filters: TailOptions) {
    this.#filters = filters;
  }

  lets(item: StreamItem): item is StreamedItem {
    if (item.event === "gap") return true;
    if (item.event !== "message" && item.event !== "attempt") return false;
    return this.#isSelected(item) && this.#isNew(`${item.event} ${item.data.id}`);
  }

  #isSelected(item: Exclude<StreamedItem, { event: "gap" }>): boolean {
    const { status } = this.#filters;
    if (status === null) return true;
    return item.event === "attempt" && hasStatus(item.data, status);
  }

  #isNew(key: string): boolean {
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    const [oldest] = this.#seen;
    if (this.#seen.size > rememberedMax && oldest !== undefined) this.#seen.delete(oldest);
    return true;
  }
}

function hasStatus(
  attempt: { readonly status: string; readonly response_status_code: number },
  filter: string,
): boolean {
  const code = String(attempt.response_status_code);
  return filter === attempt.status || filter === code || (filter.endsWith("xx") && filter[0] === code[0]);
}
