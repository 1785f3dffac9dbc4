import type { SyncCompletedEvent, SyncFailedEvent } from "../events.ts";
import type { ReceivedEvent } from "../received-event.ts";
import { memoryState, type StateStore, typedState } from "./state-store.ts";

/** A source that does not sync. */
export interface FailureAlert {
  /** The key with which alerting systems de-duplicate. The failure and the recovery of a source have the same key. */
  readonly key: string;
  readonly sourceType: string;
  readonly sourceConnectionId: string;
  readonly collection: string;
  readonly collectionReadableId: string;
  /** The error of the sync. */
  readonly error: string;
  /** The time since which it fails: ISO 8601. */
  readonly since: string;
}

/**
 * A channel that notifies people. If it throws, the sender retries the event, and only the channels that failed are
 * called again.
 */
export interface AlertChannel {
  /** Must be unique among the channels of the same alerts. */
  readonly name: string;
  failed(alert: FailureAlert): Promise<void>;
  /** The source syncs again, since `at` (ISO 8601). */
  recovered(alert: FailureAlert, at: string): Promise<void>;
}

export interface FailureAlertsOptions {
  readonly channels: readonly AlertChannel[];
  /** Stores the failures and the notified channels. Default: memory. */
  readonly store?: StateStore | undefined;
  /** Separates these alerts from others in the same store. */
  readonly name?: string | undefined;
}

interface Source {
  readonly alert: FailureAlert;
  /** Null while it fails. */
  readonly recoveredAt: string | null;
  /** The time of the last known event: older events change nothing. */
  readonly at: string;
  /** Channels that were notified of the present state. */
  readonly notified: readonly string[];
}

type Sources = Readonly<Record<string, Source>>;

/** A collection whose context may be old, because a source of it does not sync. */
export interface StaleCollection {
  readonly readableId: string;
  readonly failing: readonly FailureAlert[];
}

/**
 * Notifies people when a source stops syncing and when it syncs again: once each, however often it fails meanwhile.
 * Until then its collection counts as stale, which agents can check.
 */
export class FailureAlerts {
  readonly #channels: readonly AlertChannel[];
  readonly #state: ReturnType<typeof typedState<Sources>>;

  constructor({ channels, store = memoryState(), name = "default" }: FailureAlertsOptions) {
    const names = new Set(channels.map((channel) => channel.name));
    if (names.size < channels.length) throw new TypeError("Two channels of these alerts have the same name.");
    this.#channels = channels;
    this.#state = typedState<Sources>(store, `failure-alerts:${name}`);
  }

  /**
   * A handler for `router.onAny`. Throws when a channel could not be notified, so that the event is delivered again.
   */
  readonly handle = async (event: ReceivedEvent): Promise<void> => {
    if (event.event_type !== "sync.failed" && event.event_type !== "sync.completed") return;
    const { source_connection_id: id } = event;
    let known: Source | null = null;
    await this.#state.update((sources) => {
      const after = afterEvent(sources?.[id] ?? null, event);
      known = after;
      return after === null ? sources : { ...sources, [id]: after };
    });
    if (known !== null) await this.#notify(id, known);
  };

  /** Collections with a source that fails now. */
  async staleCollections(): Promise<StaleCollection[]> {
    const failing = Object.values((await this.#state.read()) ?? {})
      .filter(({ recoveredAt }) => recoveredAt === null)
      .map(({ alert }) => alert);
    return [...Map.groupBy(failing, (alert) => alert.collectionReadableId)].map(([readableId, alerts]) => ({
      readableId,
      failing: alerts,
    }));
  }

  /** Why the context of a collection may be old; null when all of its known sources sync. */
  async staleness(collectionReadableId: string): Promise<StaleCollection | null> {
    return (await this.staleCollections()).find(({ readableId }) => readableId === collectionReadableId) ?? null;
  }

  async #notify(id: string, { alert, recoveredAt, at, notified }: Source): Promise<void> {
    const left = this.#channels.filter(({ name }) => !notified.includes(name));
    const results = await Promise.allSettled(
      left.map((channel) => (recoveredAt === null ? channel.failed(alert) : channel.recovered(alert, recoveredAt))),
    );
    const done = left.filter((_, index) => results[index]?.status === "fulfilled").map(({ name }) => name);
    await this.#state.update((sources) => {
      const now = sources?.[id];
      // A newer event may have been stored meanwhile, which this notification did not include.
      if (now === undefined || (now.recoveredAt === null) !== (recoveredAt === null) || now.at < at) return sources;
      return { ...sources, [id]: { ...now, notified: [...new Set([...now.notified, ...done])] } };
    });
    const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} of ${left.length} channels could not be told.`);
  }
}

/** The state of a source after an event; null when there is nothing to notify about. */
function afterEvent(before: Source | null, event: SyncFailedEvent | SyncCompletedEvent): Source | null {
  const isOld = before !== null && Date.parse(before.at) > Date.parse(event.timestamp);
  if (isOld) return null;
  const at = event.timestamp;
  if (event.event_type === "sync.completed") {
    if (before === null) return null;
    return before.recoveredAt === null ? { ...before, recoveredAt: at, at, notified: [] } : { ...before, at };
  }
  if (before !== null && before.recoveredAt === null) return { ...before, at };
  return { alert: alertOf(event), recoveredAt: null, at, notified: [] };
}

function alertOf(event: SyncFailedEvent): FailureAlert {
  return {
    key: `weft:${event.source_connection_id}`,
    sourceType: event.source_type,
    sourceConnectionId: event.source_connection_id,
    collection: event.collection_name,
    collectionReadableId: event.collection_readable_id,
    error: event.error ?? "The sync did not say why.",
    since: event.timestamp,
  };
}
