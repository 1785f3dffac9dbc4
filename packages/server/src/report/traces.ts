import type { ClaimedDelivery } from "../domain/delivery.ts";
import type { SyncJobId } from "../domain/id.ts";

/** The trace contexts that Weft passes on, each in the stored form of `domain/trace-context.ts`. */
export interface Traces {
  /** The context that a publish stores with its messages. `parent`: the context of the request. */
  ofPublish(parent: string | null): string | null;
  /** The context that a sync job stores with the messages that announce it. */
  ofSyncJob(jobId: SyncJobId): string | null;
  /** The context that the next attempt of a delivery sends to its receiver. */
  ofAttempt(delivery: ClaimedDelivery): string | null;
}

/** Without spans of its own, Weft passes the contexts of publishers on unchanged. */
export const untraced: Traces = {
  ofPublish: (parent) => parent,
  ofSyncJob: () => null,
  ofAttempt: ({ traceContext }) => traceContext,
};
