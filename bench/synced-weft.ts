import { setTimeout as sleep } from "node:timers/promises";
import type { MessageId } from "../packages/server/src/domain/id.ts";
import { InvalidRunError, type Run } from "./scenario.ts";
import { WeftUnderLoad } from "./weft-under-load.ts";

const lookMs = 50;

export interface Synced {
  /** From the job's start to its end. */
  readonly ms: number;
  readonly inserted: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
  readonly chunks: number;
}

/** A Weft that syncs and announces every sync to a receiver. */
export class SyncedWeft implements AsyncDisposable {
  readonly #weft: WeftUnderLoad;
  readonly #signal: AbortSignal;

  static async open(run: Run, settings: Readonly<Record<string, string>> = {}): Promise<SyncedWeft> {
    const weft = await WeftUnderLoad.open(run, { settings });
    await weft.subscribe(0);
    return new SyncedWeft(weft, run.signal);
  }

  private constructor(weft: WeftUnderLoad, signal: AbortSignal) {
    this.#weft = weft;
    this.#signal = signal;
  }

  /** The id of a new connection in a collection of its own, which is not synced yet. */
  async connect(
    source: string,
    config: Record<string, unknown>,
    credentials: Record<string, unknown>,
  ): Promise<string> {
    const client = this.#weft.installation.client();
    const { readable_id } = await client.collections.createCollection({ name: "Bench" });
    const { id } = await client.sourceConnections.createSourceConnection({
      short_name: source,
      readable_collection_id: readable_id,
      config,
      authentication: { credentials },
      sync_immediately: false,
    });
    return id;
  }

  async sync(connectionId: string): Promise<Synced> {
    const { sourceConnections } = this.#weft.installation.client();
    const { id } = await sourceConnections.runSourceConnection(connectionId);
    for (;;) {
      const { items } = await sourceConnections.listSyncJobs(connectionId, { limit: 1 });
      const [job] = items;
      if (job?.id !== id) throw new InvalidRunError("The job that was run is not the last one.");
      if (job.status === "completed") {
        return {
          ms: (job.duration_seconds ?? 0) * 1_000,
          inserted: job.entities_inserted,
          updated: job.entities_updated,
          skipped: job.entities_skipped,
          failed: job.entities_failed,
          chunks: job.chunks_written,
        };
      }
      if (job.completed_at !== null) throw new InvalidRunError(`The sync ended as ${job.status}: ${job.error}`);
      await sleep(lookMs, undefined, { signal: this.#signal });
    }
  }

  async peakMiB(): Promise<number> {
    return (await this.#weft.installation.usage()).residentPeakBytes / 2 ** 20;
  }

  /** Compares the receiver's events with the syncs, and stops Weft. */
  async finish(): Promise<void> {
    for await (const { id } of this.#weft.installation
      .client()
      .webhooks.eachMessage({ event_types: ["sync.completed"] })) {
      this.#weft.traffic.expect(id as MessageId, 0);
    }
    await this.#weft.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#weft[Symbol.asyncDispose]();
  }
}
