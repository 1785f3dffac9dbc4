import { type Clock, loop } from "../domain/clock.ts";
import type { NodeId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";

const beatEveryMs = 3_000;
const rescuedPerTurn = 1_000;

/** Says that this node lives, and takes from the dead what they had claimed. */
export class NodeLease {
  readonly #store: Pick<Store, "beatNode" | "rescueDeliveries">;
  readonly #nodeId: NodeId;
  readonly #clock: Clock;
  readonly #reporter: Reporter;

  constructor(store: Pick<Store, "beatNode" | "rescueDeliveries">, nodeId: NodeId, clock: Clock, reporter: Reporter) {
    this.#store = store;
    this.#nodeId = nodeId;
    this.#clock = clock;
    this.#reporter = reporter;
  }

  async take(): Promise<void> {
    const now = this.#clock.now();
    const alive = await this.#store.beatNode({ nodeId: this.#nodeId, leaseUntil: now + limits.nodeLeaseMs, now });
    if (!alive) throw new Error("This node was declared dead: it was not heard of in time. Start it again.");
  }

  /** Rescues until nothing is left to rescue. */
  async rescueAll(): Promise<void> {
    let count: number;
    do {
      count = await this.#store.rescueDeliveries({ now: this.#clock.now(), limit: rescuedPerTurn });
      if (count > 0) this.#reporter.deliveriesRescued({ count });
    } while (count === rescuedPerTurn);
  }

  keep(signal: AbortSignal): Promise<void> {
    return loop(this.#clock, signal, async () => {
      try {
        await this.take();
        await this.rescueAll();
      } catch (error) {
        this.#reporter.choreFailed({ chore: "keep the node's lease", error });
      }
      return beatEveryMs;
    });
  }
}
