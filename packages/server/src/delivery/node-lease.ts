import { type Clock, loop, untilNextLook } from "../domain/clock.ts";
import type { NodeId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";

const beatEveryMs = 3_000;
const rescuedPerTurn = 1_000;

/** Maintains this node's lease, and rescues the claimed deliveries of dead nodes. */
export class NodeLease {
  readonly #store: Pick<Store, "recordHeartbeat" | "rescueDeliveries">;
  readonly #nodeId: NodeId;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #onLost: () => Promise<void>;
  readonly #onRegained: () => void;
  readonly #onRescued: () => void;

  /**
   * `onLost`: the node no longer owns its deliveries, for example because the machine slept for longer than the lease. It must
   * claim nothing until `onRegained`, because no node could rescue the claims of a dead node. `onRescued`: deliveries became
   * due without a notification.
   */
  constructor(
    store: Pick<Store, "recordHeartbeat" | "rescueDeliveries">,
    nodeId: NodeId,
    context: {
      clock: Clock;
      reporter: Reporter;
      onLost: () => Promise<void>;
      onRegained: () => void;
      onRescued: () => void;
    },
  ) {
    this.#store = store;
    this.#nodeId = nodeId;
    this.#clock = context.clock;
    this.#reporter = context.reporter;
    this.#onLost = context.onLost;
    this.#onRegained = context.onRegained;
    this.#onRescued = context.onRescued;
  }

  /** Acquires the lease for a node without deliveries. */
  async take(): Promise<void> {
    await this.#heartbeat({ isNew: true });
  }

  /** Renews the lease. If it had expired, the node gives its deliveries up and starts again. */
  async #renew(): Promise<void> {
    if (await this.#heartbeat({ isNew: false })) return;
    this.#reporter.nodeLeaseLost({ nodeId: this.#nodeId });
    await this.#onLost();
    await this.rescueAll();
    await this.take();
    this.#onRegained();
  }

  /** Repeats until no delivery is left to rescue. */
  async rescueAll(): Promise<void> {
    let count: number;
    let total = 0;
    do {
      count = await this.#store.rescueDeliveries({ now: this.#clock.now(), limit: rescuedPerTurn });
      total += count;
    } while (count === rescuedPerTurn);
    if (total === 0) return;
    this.#reporter.deliveriesRescued({ count: total });
    this.#onRescued();
  }

  #heartbeat({ isNew }: { isNew: boolean }): Promise<boolean> {
    const now = this.#clock.now();
    return this.#store.recordHeartbeat({ nodeId: this.#nodeId, leaseUntil: now + limits.nodeLeaseMs, now, isNew });
  }

  keep(signal: AbortSignal): Promise<void> {
    return loop(this.#clock, signal, async () => {
      try {
        await this.#renew();
        await this.rescueAll();
      } catch (error) {
        this.#reporter.internalOperationFailed({ operation: "renew the node's lease", error });
      }
      return untilNextLook(this.#clock.now(), beatEveryMs);
    });
  }
}
