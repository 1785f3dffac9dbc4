import { type OnceStore, type OnceStoreOptions, onceDefaults } from "./once.ts";

export interface MemoryOnceOptions extends OnceStoreOptions {
  /** The number of remembered messages; new ones replace the oldest that are done. Default 100,000. */
  readonly idsMax?: number;
}

/**
 * A store for `once` in this process: it does not know about other processes, and is empty after a restart. While `idsMax`
 * messages are being processed, the senders of further ones are asked to retry.
 */
export function memoryOnce(options: MemoryOnceOptions = {}): OnceStore {
  const {
    leaseMs = onceDefaults.leaseMs,
    keepMs = onceDefaults.keepMs,
    idsMax = 100_000,
    now = () => new Date(),
  } = options;
  const leases = new Map<string, { readonly token: string; readonly endsMs: number }>();
  /** When each entry expires, the oldest first. */
  const done = new Map<string, number>();

  /** Makes room for one more: expired ids are removed first, then the oldest. False if there is no room. */
  function makeRoom(nowMs: number): boolean {
    for (const [id, untilMs] of done) {
      if (untilMs > nowMs && leases.size + done.size < idsMax) break;
      done.delete(id);
    }
    for (const [id, { endsMs }] of leases) {
      if (endsMs > nowMs || leases.size < idsMax) break;
      leases.delete(id);
    }
    return leases.size < idsMax;
  }

  return {
    async begin(id) {
      const nowMs = now().getTime();
      if ((done.get(id) ?? 0) > nowMs) return { state: "done" };
      const leaseLeftMs = (leases.get(id)?.endsMs ?? 0) - nowMs;
      if (leaseLeftMs > 0) return { state: "in_progress", leaseLeftMs };
      leases.delete(id);
      if (!makeRoom(nowMs)) return { state: "in_progress", leaseLeftMs: 1000 };
      const token = crypto.randomUUID();
      leases.set(id, { token, endsMs: nowMs + leaseMs });
      return { state: "begun", token };
    },
    async finish(id, token) {
      if (leases.get(id)?.token !== token) return;
      leases.delete(id);
      done.set(id, now().getTime() + keepMs);
    },
    async release(id, token) {
      if (leases.get(id)?.token === token) leases.delete(id);
    },
    async forget(id) {
      done.delete(id);
    },
  };
}
