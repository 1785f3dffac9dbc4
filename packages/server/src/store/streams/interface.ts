import type { Attempt } from "../../domain/attempt.ts";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { StreamKind } from "../../domain/stream-kind.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { SyncJob } from "../../domain/sync-job.ts";

/** The changes of an organization in the order of their commits. */
export interface StreamStore {
  /**
   * Returns the commits of an organization after a position: all of them, and none from before, on whichever node and
   * however long a commit took. Each subscription and job appears once in a page, in its current state.
   */
  readStream(params: ReadStream): Promise<StreamPage>;
  /**
   * Deletes entries that were committed more than `keptMs` ago by the clock of the database, at most `limit`. Returns
   * how many were deleted.
   */
  forgetChangeLogEntries(params: { keptMs: number; limit: number }): Promise<number>;
}

/** A position between two commits, or within a large one. Only the store that created it can read it. */
export type StreamPosition = string;

export interface ReadStream {
  readonly organizationId: OrganizationId;
  /** Null starts now: the page then holds only a position. Other values come from callers and may be invalid. */
  readonly after: StreamPosition | null;
  /** A position of the same store at which the page ends at the latest; null for no end. */
  readonly until: StreamPosition | null;
  readonly kinds: readonly StreamKind[];
  /** Whether messages come with their payloads or with empty ones. */
  readonly withPayloads: boolean;
  /** Subscriptions for which each message says whether it goes to them. */
  readonly receivers: readonly SubscriptionId[];
  /** Entries of the change log, of at most `limits.changeLogEntryChangesMax` changes each. */
  readonly entriesMax: number;
  /** How long entries are kept. Older positions cannot be resumed from. */
  readonly keptMs: number;
}

/** The changes of one entry, of which there may be none, and the position after it. */
export interface StreamStep {
  readonly changes: readonly StreamChange[];
  readonly position: StreamPosition;
}

export interface StreamPage {
  /** The changes between `after` and now are unknown or expired: there are no steps, and `position` is now. */
  readonly isGap: boolean;
  readonly steps: readonly StreamStep[];
  /** Where to resume: after the last step, or closer to now if nothing follows it. */
  readonly position: StreamPosition;
  /** Whether there was nothing more up to `until`, or up to now. */
  readonly isEnd: boolean;
}

export type StreamChange =
  /**
   * `isTest`: the message tests one subscription. `sentTo`: the requested receivers that it was sent to. `isPayloadLeftOut`: the payload was requested, but
   * the payloads before it filled the page.
   */
  | {
      readonly kind: "message";
      readonly message: Message;
      readonly isTest: boolean;
      readonly sentTo: readonly SubscriptionId[];
      readonly isPayloadLeftOut: boolean;
    }
  /** The attempt without the response body. */
  | { readonly kind: "attempt"; readonly attempt: Attempt; readonly eventType: string }
  | { readonly kind: "subscription"; readonly subscription: Subscription; readonly isDeleted: boolean }
  | { readonly kind: "sync_job"; readonly job: SyncJob };
