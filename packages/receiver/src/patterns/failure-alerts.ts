import type { SyncCompletedEvent, SyncFailedEvent } from "../events.ts";
import type { ReceivedEvent } from "../received-event.ts";
import { memoryState, type StateStore, typedState } from "./state-store.ts";

/** A source that does not sync. */
export interface FailureAlert {
  /** The key with which alerting systems de-duplicate. It is equal for the failure and its end. */
  readonly key: string;
  readonly sourceType: string;
  readonly sourceConnectionId: string;
  readonly collection: string;
  readonly collectionReadableId: string;
  /** Why, as the sync said. */
  readonly error: string;
  /** Since when it fails: ISO 8601. */
  readonly since: string;
}

/** Somewhere to tell people. What it throws makes the sender of the event try again, and then only the channels that failed are asked again. */
export interface AlertChannel {
  /** Unlike that of any other channel of the same alerts. */
  readonly name: string;
  failed(alert: FailureAlert): Promise<void>;
  /** It syncs again, since `at` (ISO 8601). */
  recovered(alert: FailureAlert, at: string): Promise<void>;
}

export interface FailureAlertsOptions {
  readonly channels: readonly AlertChannel[];
  /** Where it is kept what fails and who was told; memory unless given. */
  readonly store?: StateStore | undefined;
  /** Tells these alerts from others in the same store. */
  readonly name?: string | undefined;
}

interface Source {
  readonly alert: FailureAlert;
  /** Null while it fails. */
  readonly recoveredAt: string | null;
  /** When what is known of it happened: what is older changes nothing. */
  readonly at: string;
  /** Channels that were told of the present state. */
  readonly told: readonly string[];
}

type Sources = Readonly<Record<string, Source>>;

/** A collection whose context may be old, since a source of it does not sync. */
export interface StaleCollection {
  readonly readableId: string;
  readonly failing: readonly FailureAlert[];
}

/**
 * Tells people when a source stops syncing and when it syncs again: once each, however often it fails meanwhile. Until then its
 * collection counts as stale, for agents to see.
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

  /** A handler for `router.onAny`. Throws when a channel could not be told, so that the event comes again. */
  readonly handle = async (event: ReceivedEvent): Promise<void> => {
    if (event.event_type !== "sync.failed" && event.event_type !== "sync.completed") return;
    const { source_connection_id: id } = event;
    let known: Source | null = null;
    await this.#state.update((sources) => {
      const after = afterEvent(sources?.[id] ?? null, event);
      known = after;
      return after === null ? sources : { ...sources, [id]: after };
    });
    if (known !== null) await this.#tell(id, known);
  };

  /** Collections with a source that fails at the moment. */
  async staleCollections(): Promise<StaleCollection[]> {
    const failing = Object.values((await this.#state.read()) ?? {})
      .filter(({ recoveredAt }) => recoveredAt === null)
      .map(({ alert }) => alert);
    return [...Map.groupBy(failing, (alert) => alert.collectionReadableId)].map(([readableId, alerts]) => ({
      readableId,
      failing: alerts,
    }));
  }

  /** Why the context of a collection may be old; null when every source of it that is known syncs. */
  async staleness(collectionReadableId: string): Promise<StaleCollection | null> {
    return (await this.staleCollections()).find(({ readableId }) => readableId === collectionReadableId) ?? null;
  }

  async #tell(id: string, { alert, recoveredAt, at, told }: Source): Promise<void> {
    const left = this.#channels.filter(({ name }) => !told.includes(name));
    const results = await Promise.allSettled(
      left.map((channel) => (recoveredAt === null ? channel.failed(alert) : channel.recovered(alert, recoveredAt))),
    );
    const done = left.filter((_, index) => results[index]?.status === "fulfilled").map(({ name }) => name);
    await this.#state.update((sources) => {
      const now = sources?.[id];
      // A newer event may have been stored meanwhile, which this notification did not include.
      if (now === undefined || (now.recoveredAt === null) !== (recoveredAt === null) || now.at < at) return sources;
      return { ...sources, [id]: { ...now, told: [...new Set([...now.told, ...done])] } };
    });
    const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} of ${left.length} channels could not be told.`);
  }
}

/** What is known of a source after an event; null when nothing is to be told of it. */
function afterEvent(before: Source | null, event: SyncFailedEvent | SyncCompletedEvent): Source | null {
  const isOld = before !== null && Date.parse(before.at) > Date.parse(event.timestamp);
  if (isOld) return null;
  const at = event.timestamp;
  if (event.event_type === "sync.completed") {
    if (before === null) return null;
    return before.recoveredAt === null ? { ...before, recoveredAt: at, at, told: [] } : { ...before, at };
  }
  if (before !== null && before.recoveredAt === null) return { ...before, at };
  return { alert: alertOf(event), recoveredAt: null, at, told: [] };
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
