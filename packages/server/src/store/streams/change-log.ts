import type { AttemptId, MessageId, OrganizationId, SubscriptionId, SyncJobId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { StreamKind } from "../../domain/stream-kind.ts";

/** What one entry of the log says: ids by kind. */
export type LoggedChanges = { [Kind in StreamKind]?: string[] };

/** An entry to be stored with the changes that it tells of. */
export interface StreamEntry {
  readonly organizationId: OrganizationId;
  /** Counts the entries of one commit and organization. */
  readonly part: number;
  readonly changes: LoggedChanges;
}

interface Noted {
  readonly organizationId: OrganizationId;
  readonly kind: StreamKind;
  readonly id: string;
}

/** What a commit changes that streams tell of. A note of what is then undone does no harm. */
export class ChangeLog {
  readonly subscriptions = new Set<SubscriptionId>();
  readonly syncJobs = new Set<SyncJobId>();
  #noted: Noted[] = [];
  readonly #parts = new Map<OrganizationId, number>();

  message(organizationId: OrganizationId, id: MessageId): void {
    this.#noted.push({ organizationId, kind: "message", id });
  }

  attempt(organizationId: OrganizationId, id: AttemptId): void {
    this.#noted.push({ organizationId, kind: "attempt", id });
  }

  /** Its target, its state or its health changed. */
  subscription(id: SubscriptionId): void {
    this.subscriptions.add(id);
  }

  /** Its state or its counts changed. */
  syncJob(id: SyncJobId): void {
    this.syncJobs.add(id);
  }

  get isEmpty(): boolean {
    return this.#noted.length === 0 && this.subscriptions.size === 0 && this.syncJobs.size === 0;
  }

  /** Takes what was noted, as entries. `owners`: whose the subscriptions and jobs are. */
  take(owners: ReadonlyMap<string, OrganizationId>): StreamEntry[] {
    for (const [kind, ids] of [
      ["subscription", this.subscriptions],
      ["sync_job", this.syncJobs],
    ] as const) {
      for (const id of ids) {
        const organizationId = owners.get(id);
        if (organizationId !== undefined) this.#noted.push({ organizationId, kind, id });
      }
      ids.clear();
    }
    const noted = this.#noted;
    this.#noted = [];
    return [...Map.groupBy(noted, ({ organizationId }) => organizationId)].flatMap(([organizationId, all]) =>
      this.#entriesOf(organizationId, all),
    );
  }

  #entriesOf(organizationId: OrganizationId, noted: readonly Noted[]): StreamEntry[] {
    const entries: StreamEntry[] = [];
    let part = this.#parts.get(organizationId) ?? 0;
    for (let at = 0; at < noted.length; at += limits.streamEntryChangesMax) {
      const changes: LoggedChanges = {};
      for (const { kind, id } of noted.slice(at, at + limits.streamEntryChangesMax)) {
        changes[kind] ??= [];
        changes[kind].push(id);
      }
      entries.push({ organizationId, part, changes });
      part += 1;
    }
    this.#parts.set(organizationId, part);
    return entries;
  }
}
