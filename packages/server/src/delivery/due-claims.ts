import { type Clock, untilNextLook } from "../domain/clock.ts";
import type { NodeId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Reporter } from "../report/reporter.ts";
import type { LaneClaim, LaneRoom } from "../store/deliveries/interface.ts";
import type { Store } from "../store/store.ts";
import type { DeliveryLane, OrganizationShare } from "./delivery-lane.ts";
import type { Lanes } from "./lanes.ts";

const scanEveryMs = 1_000;
/** Queries for due lanes take at most this fraction of the time. */
const scanShare = 20;
/** The cap applies however long a query took, because the machine may have slept meanwhile. */
const scanRestMsMax = 30_000;
const scannedLanesMax = 50_000;
const blockedMs = 250;

/** Finds due deliveries in the store and claims as many as the lanes have room for. */
export class DueClaims {
  readonly #store: Pick<Store, "findDueLanes" | "claimDue">;
  readonly #lanes: Lanes;
  readonly #nodeId: NodeId;
  readonly #clock: Clock;
  readonly #reporter: Pick<Reporter, "backlogObserved">;
  #scanAt = 0;
  /** When the first rate-limited lane may claim again. */
  #nextTokenAt = Number.POSITIVE_INFINITY;

  constructor(
    store: Pick<Store, "findDueLanes" | "claimDue">,
    lanes: Lanes,
    context: { nodeId: NodeId; clock: Clock; reporter: Pick<Reporter, "backlogObserved"> },
  ) {
    this.#store = store;
    this.#lanes = lanes;
    this.#nodeId = context.nodeId;
    this.#clock = context.clock;
    this.#reporter = context.reporter;
  }

  /** Schedules a query for this time, when deliveries become due. Returns whether that is earlier than planned. */
  dueAt(at: number): boolean {
    if (at >= this.#scanAt) return false;
    this.#scanAt = at;
    return true;
  }

  /** Queries which lanes have due deliveries, when it is time. The cost per lane does not depend on its backlog. */
  async scan(): Promise<void> {
    const now = this.#clock.now();
    if (now < this.#scanAt) return;
    const nextLook = now + untilNextLook(now, scanEveryMs);
    this.#scanAt = nextLook;
    const due = await this.#store.findDueLanes({ limit: scannedLanesMax });
    // With very many lanes, or a slow database, the node must not spend most of its time on queries.
    const restMs = Math.min((this.#clock.now() - now) * scanShare, scanRestMsMax);
    if (restMs > scanEveryMs && this.#scanAt === nextLook) this.#scanAt = now + restMs;
    for (const { subscriptionId, organizationId, dueAt } of due) {
      if (dueAt <= now) this.#lanes.addBacklog(this.#lanes.lane(subscriptionId, organizationId), { isNew: false });
      else this.dueAt(dueAt);
    }
    // The lanes are in the order of their oldest deliveries.
    this.#reporter.backlogObserved({ oldestMs: Math.max(0, now - (due[0]?.dueAt ?? now)) });
    this.#lanes.forgetIdle();
  }

  /** Claims for the lanes that have a backlog and room. Returns how long to wait before the next claim (ms). */
  async claim(): Promise<number> {
    const withRoom = this.#lanesWithRoom();
    if (withRoom.length === 0) return this.#restMs;
    const backlogsBefore = withRoom.map(({ lane }) => lane.backlogs);
    const claims = await this.#store.claimDue({
      nodeId: this.#nodeId,
      now: this.#clock.now(),
      lanes: withRoom.map(
        ({ lane, limit, byHandOnly }): LaneRoom => ({
          subscriptionId: lane.subscriptionId,
          limit,
          byHandOnly,
          startingMax: lane.startingMax,
        }),
      ),
    });
    for (const [index, { lane, byHandOnly }] of withRoom.entries()) {
      this.#noteRate(lane, claims[index]);
      if (byHandOnly) noteRequestedByHand(lane, claims[index], backlogsBefore[index]);
      else this.#noteDrained(lane, claims[index], backlogsBefore[index]);
      this.#lanes.endTurn(lane);
    }
    // The remaining deliveries wait for another one, which may be on another node. No notification follows when that is done.
    const isBlocked = claims.every(({ claimed, drained }) => claimed === 0 && !drained);
    return isBlocked ? Math.min(this.#restMs, blockedMs) : 0;
  }

  get #restMs(): number {
    return Math.max(0, Math.min(this.#scanAt, this.#nextTokenAt) - this.#clock.now());
  }

  #lanesWithRoom(): ClaimingLane[] {
    const withRoom: ClaimingLane[] = [];
    const now = this.#clock.now();
    const { deliveries, bytes } = this.#lanes.room;
    this.#nextTokenAt = Number.POSITIVE_INFINITY;
    let room = bytes > 0 ? Math.min(deliveries, limits.claimedPerCommitMax) : 0;
    const rooms = new Map<OrganizationShare, number>();
    for (const lane of this.#lanes.backlogged()) {
      if (room === 0) break;
      if (lane.rateLimitedUntil > now) this.#nextTokenAt = Math.min(this.#nextTokenAt, lane.rateLimitedUntil);
      const params = lane.claimParams(now);
      if (params === null) continue;
      const ofOrganization = rooms.get(lane.share) ?? lane.share.room;
      const limit = Math.min(params.limit, room, ofOrganization);
      if (limit === 0) continue;
      room -= limit;
      rooms.set(lane.share, ofOrganization - limit);
      lane.trialRequested = params.byHandOnly;
      withRoom.push({ lane, limit, byHandOnly: params.byHandOnly });
    }
    return withRoom;
  }

  /** Where tokens arrive fast, a claim waits for several of them, because a claim for each would cost a commit each. */
  #noteRate(lane: DeliveryLane, claim: LaneClaim | undefined): void {
    const nextTokenAt = claim?.nextTokenAt;
    if (nextTokenAt === undefined) {
      lane.rateLimitedSince = null;
      return;
    }
    const now = this.#clock.now();
    lane.rateLimitedSince ??= now;
    lane.rateLimitedUntil = Math.max(nextTokenAt, now + limits.rateClaimMs);
    this.#nextTokenAt = Math.min(this.#nextTokenAt, lane.rateLimitedUntil);
  }

  #noteDrained(lane: DeliveryLane, claim: LaneClaim | undefined, backlogsBefore: number | undefined): void {
    if (claim?.drained === true && lane.backlogs === backlogsBefore) this.#lanes.clearBacklog(lane);
  }
}

interface ClaimingLane {
  readonly lane: DeliveryLane;
  readonly limit: number;
  readonly byHandOnly: boolean;
}

function noteRequestedByHand(
  lane: DeliveryLane,
  claim: LaneClaim | undefined,
  backlogsBefore: number | undefined,
): void {
  lane.requestedByHandAt = backlogsBefore ?? lane.requestedByHandAt;
  if (claim?.claimed === 0) lane.trialRequested = false;
}
