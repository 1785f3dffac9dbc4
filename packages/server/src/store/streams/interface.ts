import type { Attempt } from "../../domain/attempt.ts";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { StreamKind } from "../../domain/stream-kind.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { SyncJob } from "../../domain/sync-job.ts";

/** What changed, in the order in which it was committed. */
export interface StreamStore {
  /**
   * What was committed of an organization after a position: all of it, and nothing that was committed before, whichever
   * node committed it and however long that took. A subscription or a job is answered once a page, as it is now.
   */
  readStream(params: ReadStream): Promise<StreamPage>;
  /** Forgets what was committed longer ago than `keptMs`, by the clock of the database; `limit` entries at most. Answers how many. */
  forgetStreamEntries(params: { keptMs: number; limit: number }): Promise<number>;
}

/** A place between two commits, or within a large one. Only the store that made it can read it. */
export type StreamPosition = string;

export interface ReadStream {
  readonly organizationId: OrganizationId;
  /** Null: from now on, so that nothing is answered but a position. Anything else may come from anybody. */
  readonly after: StreamPosition | null;
  /** Not beyond this position of the same store; null: all that there is. */
  readonly until: StreamPosition | null;
  readonly kinds: readonly StreamKind[];
  /** Whether messages come with their payloads, or with empty ones. */
  readonly withPayloads: boolean;
  /** Subscriptions of which it is to be told which messages go to them. */
  readonly receivers: readonly SubscriptionId[];
  /** Entries of the log, of `limits.streamEntryChangesMax` changes each at most. */
  readonly entriesMax: number;
  /** How long entries are kept: what is older is not gone on from. */
  readonly keptMs: number;
}

/** The changes of one entry, of which there may be none, and where to go on behind it. */
export interface StreamStep {
  readonly changes: readonly StreamChange[];
  readonly position: StreamPosition;
}

export interface StreamPage {
  /** What lies between `after` and here is not known, or not any more: there are no steps, and `position` is now. */
  readonly isGap: boolean;
  readonly steps: readonly StreamStep[];
  /** Where to go on: behind the last step, and nearer to now where nothing follows it. */
  readonly position: StreamPosition;
  /** Whether there was nothing more up to `until`, or now. */
  readonly isEnd: boolean;
}

export type StreamChange =
  /**
   * `sentTo`: those of the receivers that were asked for. `isPayloadLeftOut`: it was asked for, and the payloads before it were as
   * much as a page has room for.
   */
  | {
      readonly kind: "message";
      readonly message: Message;
      readonly sentTo: readonly SubscriptionId[];
      readonly isPayloadLeftOut: boolean;
    }
  /** Without what the receiver answered. */
  | { readonly kind: "attempt"; readonly attempt: Attempt; readonly eventType: string }
  | { readonly kind: "subscription"; readonly subscription: Subscription; readonly isDeleted: boolean }
  | { readonly kind: "sync_job"; readonly job: SyncJob };
