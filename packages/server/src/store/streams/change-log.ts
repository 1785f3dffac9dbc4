import type { AttemptId, MessageId, OrganizationId, SubscriptionId, SyncJobId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { StreamKind } from "../../domain/stream-kind.ts";

/** The changes of one entry: ids by kind. */
export type LoggedChanges = { [Kind in StreamKind]?: string[] };

/** An entry that is to be stored. */
export interface ChangeLogEntry {
  readonly organizationId: OrganizationId;
  /** Counts the entries of one commit and organization. */
  readonly part: number;
  readonly changes: LoggedChanges;
}

interface Logged {
  readonly organizationId: OrganizationId;
  readonly kind: StreamKind;
  readonly id: string;
}

/** The changes of a commit that streams report. A logged change that is then rolled back does no harm. */
export class ChangeLog {
  readonly subscriptions = new Set<SubscriptionId>();
  readonly syncJobs = new Set<SyncJobId>();
  #logged: Logged[] = [];
  readonly #parts = new Map<OrganizationId, number>();

  message(organizationId: OrganizationId, id: MessageId): void {
    this.#logged.push({ organizationId, kind: "message", id });
  }

  attempt(organizationId: OrganizationId, id: AttemptId): void {
    this.#logged.push({ organizationId, kind: "attempt", id });
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
    return this.#logged.length === 0 && this.subscriptions.size === 0 && this.syncJobs.size === 0;
  }

  /** Takes the logged changes as entries. `owners`: the organizations of the subscriptions and jobs. */
  take(owners: ReadonlyMap<string, OrganizationId>): ChangeLogEntry[] {
    for (const [kind, ids] of [
      ["subscription", this.subscriptions],
      ["sync_job", this.syncJobs],
    ] as const) {
      for (const id of ids) {
        const organizationId = owners.get(id);
        if (organizationId !== undefined) this.#logged.push({ organizationId, kind, id });
      }
      ids.clear();
    }
    const logged = this.#logged;
    this.#logged = [];
    return [...Map.groupBy(logged, ({ organizationId }) => organizationId)].flatMap(([organizationId, all]) =>
      this.#entriesOf(organizationId, all),
    );
  }

  #entriesOf(organizationId: OrganizationId, logged: readonly Logged[]): ChangeLogEntry[] {
    const entries: ChangeLogEntry[] = [];
    let part = this.#parts.get(organizationId) ?? 0;
    for (let at = 0; at < logged.length; at += limits.changeLogEntryChangesMax) {
      const changes: LoggedChanges = {};
      for (const { kind, id } of logged.slice(at, at + limits.changeLogEntryChangesMax)) {
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
