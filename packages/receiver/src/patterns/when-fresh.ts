import type { ReceivedEvent } from "../received-event.ts";
import type { MessageContext } from "../router.ts";
import { memoryState, type StateStore, typedState } from "./state-store.ts";

/** A sync that a run is based on. */
export interface FreshInput {
  /** As it was waited for: a source's short name, or a source connection's id. */
  readonly source: string;
  readonly jobId: string;
  /** When it completed: ISO 8601. */
  readonly completedAt: string;
}

export interface WhenFreshOptions {
  /** What must be fresh: sources by their short name, such as `github`, or source connections by their id. */
  readonly sources: readonly string[];
  /** For how long a completed sync counts as fresh: `30m`, `1h`, `2d`. */
  readonly within: string;
  /** Only syncs into this collection, by its readable id. Those into any unless given. */
  readonly collection?: string | undefined;
  /** Tells this pipeline from others in the same store. Made of the options unless given. */
  readonly name?: string | undefined;
  /** Where it is kept what is fresh; memory unless given. */
  readonly store?: StateStore | undefined;
  /** How long a run may take (ms) before another process may take it over; 15 minutes unless given. */
  readonly runMsMax?: number | undefined;
  /** Unix ms; the machine's clock unless given. */
  readonly now?: (() => number) | undefined;
}

/** Runs now on these inputs, one for each source. What it throws makes the sender try again, and then it runs again. */
export type FreshRun = (inputs: readonly FreshInput[]) => void | Promise<void>;

interface HandledState {
  /** The newest known end of a sync, by source. */
  readonly ends: Readonly<Record<string, SyncEnd>>;
  /** The inputs that were run last, or are being run until the lease ends. */
  readonly run: { readonly inputs: string; readonly leaseUntil: number | null } | null;
}

interface SyncEnd {
  readonly succeeded: boolean;
  readonly jobId: string;
  readonly at: string;
}

/**
 * A handler for `router.onAny` that runs something when all of several sources are fresh.
 *
 * It runs once for each set of fresh inputs, whichever comes last, and never on a source whose newest sync failed. Events may come
 * late, twice or in another order: what counts is when they happened. A run that fails, or that dies with its process, is run again
 * when the sender tries again.
 */
export function whenFresh(
  options: WhenFreshOptions,
  run: FreshRun,
): (event: ReceivedEvent, context: MessageContext) => Promise<void> {
  const { sources, store = memoryState(), runMsMax = 15 * 60_000, now = Date.now } = options;
  if (sources.length === 0) throw new TypeError("whenFresh needs at least one source to wait for.");
  const withinMs = durationMs(options.within);
  const name = options.name ?? JSON.stringify([sources, options.collection ?? null]);
  const state = typedState<HandledState>(store, `when-fresh:${name}`);

  return async (event) => {
    const end = endIn(event, options);
    if (end === null) return;
    const claim: { inputs: FreshInput[] | null; isTaken: boolean } = { inputs: null, isTaken: false };
    await state.update((before) => {
      const known = withEnd(before ?? { ends: {}, run: null }, end);
      const inputs = freshInputs(known, sources, now() - withinMs);
      const key = inputs === null ? null : JSON.stringify(inputs.map(({ jobId }) => jobId));
      if (key === null || (known.run?.inputs === key && known.run.leaseUntil === null)) return known;
      if (known.run?.inputs === key && (known.run.leaseUntil ?? 0) > now()) {
        claim.isTaken = true;
        return known;
      }
      claim.inputs = inputs;
      return { ...known, run: { inputs: key, leaseUntil: now() + runMsMax } };
    });
    if (claim.isTaken) throw new Error("These inputs are being run at the moment. Try again later.");
    if (claim.inputs === null) return;
    const key = JSON.stringify(claim.inputs.map(({ jobId }) => jobId));
    try {
      await run(claim.inputs);
    } catch (error) {
      await state.update((known) => (known?.run?.inputs === key ? { ...known, run: null } : known));
      throw error;
    }
    await state.update((known) =>
      known?.run?.inputs === key ? { ...known, run: { inputs: key, leaseUntil: null } } : known,
    );
  };
}

function endIn(event: ReceivedEvent, { sources, collection }: WhenFreshOptions): ({ source: string } & SyncEnd) | null {
  if (event.event_type !== "sync.completed" && event.event_type !== "sync.failed") return null;
  const { source_type, source_connection_id, collection_readable_id, job_id, timestamp } = event;
  if (collection !== undefined && collection !== collection_readable_id) return null;
  const source = sources.find((wanted) => wanted === source_type || wanted === source_connection_id);
  if (source === undefined || typeof timestamp !== "string" || Number.isNaN(Date.parse(timestamp))) return null;
  return {
    source,
    succeeded: event.event_type === "sync.completed",
    jobId: typeof job_id === "string" ? job_id : `${source} at ${timestamp}`,
    at: timestamp,
  };
}

function withEnd(known: HandledState, { source, ...end }: { source: string } & SyncEnd): HandledState {
  const before = known.ends[source];
  if (before !== undefined && Date.parse(before.at) >= Date.parse(end.at)) return known;
  return { ...known, ends: { ...known.ends, [source]: end } };
}

function freshInputs({ ends }: HandledState, sources: readonly string[], since: number): FreshInput[] | null {
  const inputs = sources.flatMap((source) => {
    const end = ends[source];
    if (end === undefined || !end.succeeded || Date.parse(end.at) < since) return [];
    return [{ source, jobId: end.jobId, completedAt: end.at }];
  });
  return inputs.length === sources.length ? inputs : null;
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Throws a TypeError for what is no duration. */
export function durationMs(text: string): number {
  const found = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  const unit = unitMs[found?.[2] ?? ""];
  if (found === null || unit === undefined) throw new TypeError(`"${text}" is no duration such as 30m, 1h or 2d.`);
  return Number(found[1]) * unit;
}
