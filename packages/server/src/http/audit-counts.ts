import type { Actor, AuditEntry, AuditKind } from "../domain/audit-entry.ts";
import type { Clock } from "../domain/clock.ts";
import type { NewId, OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";

/** A call that is counted instead of recorded individually. */
export type CountedCall = Omit<AuditEntry, "id" | "kind" | "count" | "createdAt" | "lastAt"> & {
  readonly kind: Exclude<AuditKind, "change">;
};

export interface AuditCountsParts {
  readonly store: Pick<Store, "addAuditEntry">;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly reporter: Pick<Reporter, "internalOperationFailed">;
  /** The organization whose log counts calls that name no organization, or that exceed the limit of kinds. */
  readonly organizationId: OrganizationId;
}

interface AttemptCount {
  readonly call: CountedCall;
  /** Resolves when the first call is recorded. */
  readonly first: Promise<unknown>;
  count: number;
  firstAt: number;
  lastAt: number;
}

const anonymous: Actor = { kind: "anonymous", id: null, name: null, via: null };

/**
 * Counts calls for the audit log that clients can make at any rate. The first of identical calls within a period has its own
 * entry at once, and the others share one entry when the period ends. The kinds of entries per period are bounded too, so that
 * the log grows by a bounded number of entries however many calls are made.
 */
export class AuditCounts {
  readonly #parts: AuditCountsParts;
  readonly #stop = new AbortController();
  #tallies = new Map<string, AttemptCount>();
  #countOf = new Map<string, number>();
  #span: Promise<void> | null = null;

  constructor(parts: AuditCountsParts) {
    this.#parts = parts;
  }

  /** Resolves when the call, or the first identical one, is recorded. */
  async note(call: CountedCall): Promise<void> {
    const now = this.#parts.clock.now();
    const [key, counted] = this.#countKeyFor(call);
    const known = this.#tallies.get(key);
    if (known !== undefined) {
      if (known.count === 0) known.firstAt = now;
      known.count += 1;
      known.lastAt = now;
      await known.first;
      return;
    }
    const first = this.#record(counted, { count: 1, firstAt: now, lastAt: null });
    this.#tallies.set(key, { call: counted, first, count: 0, firstAt: now, lastAt: now });
    this.#span ??= this.#endSpan();
    try {
      await first;
    } catch (error) {
      this.#tallies.delete(key);
      throw error;
    }
  }

  /** Records the counts. No call may be counted afterwards. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#span;
  }

  #countKeyFor(call: CountedCall): [string, CountedCall] {
    const { organizationId, kind, actor, address, operation } = call;
    const path = kind === "secret_read" || kind === "replay" ? call.path : null;
    const key = JSON.stringify([organizationId, kind, actor.kind, actor.id, actor.via, address, operation, path]);
    if (this.#tallies.has(key)) return [key, call];
    const group = `${organizationId} ${kind}`;
    const inGroup = this.#countOf.get(group) ?? 0;
    if (this.#tallies.size < limits.auditTalliesMax && inGroup < limits.auditTalliesPerKindMax) {
      this.#countOf.set(group, inGroup + 1);
      return [key, call];
    }
    const hasRoom = this.#tallies.has(group) || this.#tallies.size < limits.auditTalliesMax;
    const owner = hasRoom ? organizationId : this.#parts.organizationId;
    const several = { operation: "several", method: "", path: "", fields: [], status: null };
    return [
      `${owner} ${kind}`,
      { ...call, ...several, organizationId: owner, actor: anonymous, address: null, forwardedFor: null },
    ];
  }

  async #endSpan(): Promise<void> {
    await this.#parts.clock.sleep(limits.auditSpanMs, this.#stop.signal);
    const ended = [...this.#tallies.values()];
    this.#tallies = new Map();
    this.#countOf = new Map();
    this.#span = null;
    for (const { call, count, firstAt, lastAt } of ended) {
      if (count === 0) continue;
      await this.#record(call, { count, firstAt, lastAt: count === 1 ? null : lastAt }).catch((error: unknown) =>
        this.#parts.reporter.internalOperationFailed({ operation: "record counted calls in the audit log", error }),
      );
    }
  }

  #record(
    call: CountedCall,
    { count, firstAt, lastAt }: { count: number; firstAt: number; lastAt: number | null },
  ): Promise<unknown> {
    const { store, newId } = this.#parts;
    return store.addAuditEntry({ entry: { ...call, id: newId<"auditEntry">(), count, createdAt: firstAt, lastAt } });
  }
}
