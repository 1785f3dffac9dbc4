import type { ReceivedEvent } from "../received-event.ts";
import type { MessageContext } from "../router.ts";
import { memoryState, type StateStore, typedState } from "./state-store.ts";

/** A sync that a run is based on. */
export interface FreshInput {
  /** The source in the form of the options: a short name, or a source connection's id. */
  readonly source: string;
  readonly jobId: string;
  /** The time of completion: ISO 8601. */
  readonly completedAt: string;
}

export interface WhenFreshOptions {
  /** The sources that must be fresh, by their short name, such as `github`, or source connections by their id. */
  readonly sources: readonly string[];
  /** How long a completed sync counts as fresh: `30m`, `1h`, `2d`. */
  readonly within: string;
  /** Only syncs into this collection, by its readable id. Default: any collection. */
  readonly collection?: string | undefined;
  /** Separates this pipeline from others in the same store. Default: derived from the options. */
  readonly name?: string | undefined;
  /** Stores the fresh syncs and the last run. Default: memory. */
  readonly store?: StateStore | undefined;
  /** The maximum duration of a run (ms) before another process may take it over. Default: 15 minutes. */
  readonly runMsMax?: number | undefined;
  /** Unix ms. Default: the machine's clock. */
  readonly now?: (() => number) | undefined;
}

/** Runs on these inputs, one for each source. If it throws, the sender retries, and then it runs again. */
export type FreshRun = (inputs: readonly FreshInput[]) => void | Promise<void>;

interface HandledState {
  /** The newest known end of a sync, by source. */
  readonly ends: Readonly<Record<string, SyncEnd>>;
  /** The inputs of the last run, or of the current run until its lease ends. */
  readonly run: { readonly inputs: string; readonly leaseUntil: number | null } | null;
}

interface SyncEnd {
  readonly succeeded: boolean;
  readonly jobId: string;
  readonly at: string;
}

/**
 * A handler for `router.onAny` that runs a function when several sources are all fresh.
 *
 * It runs once for each set of fresh inputs, whichever arrives last, and never on a source whose newest sync failed.
 * Events may be late, repeated or reordered: their own times count. A run that fails, or whose process dies, is
 * repeated when the sender retries.
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
  const source = sources.find((selected) => selected === source_type || selected === source_connection_id);
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

/** Throws a TypeError for an invalid duration. */
export function durationMs(text: string): number {
  const found = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  const unit = unitMs[found?.[2] ?? ""];
  if (found === null || unit === undefined) throw new TypeError(`"${text}" is no duration such as 30m, 1h or 2d.`);
  return Number(found[1]) * unit;
}
