import type { DeliveryLane, OrganizationShare } from "./delivery-lane.ts";

/** Lanes that wait for one of the node's requests. Organizations take turns, however many lanes each of them has. */
export class StartLine {
  readonly #waiting = new Set<OrganizationShare>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  push(lane: DeliveryLane): void {
    lane.inLine = true;
    lane.share.startLine.push(lane);
    this.#waiting.add(lane.share);
  }

  /** The next lane. An organization that uses all of its requests is skipped. */
  next(): DeliveryLane | undefined {
    for (const share of this.#waiting) {
      if (!share.mayStart) continue;
      const lane = share.startLine.shift();
      this.#waiting.delete(share);
      if (share.startLine.length > 0) this.#waiting.add(share);
      if (lane === undefined) continue;
      lane.inLine = false;
      return lane;
    }
    return undefined;
  }
}
