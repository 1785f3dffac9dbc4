import { expect, test } from "vitest";
import { firstIdAt, type OrganizationId, type SubscriptionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { LaneRoom } from "../store/deliveries/interface.ts";
import { DueClaims } from "./due-claims.ts";
import { ManualClock } from "./fixtures/manual-clock.ts";
import { Lanes } from "./lanes.ts";

const [busy, neighbour]: readonly OrganizationId[] = [firstIdAt(1), firstIdAt(2)];

/** Claims for lanes whose backlogs never end. */
function endlessClaims(lanes: Lanes) {
  const claimed: LaneRoom[][] = [];
  const store = {
    findDueLanes: async () => [],
    claimDue: async ({ lanes: rooms }: { lanes: readonly LaneRoom[] }) => {
      claimed.push([...rooms]);
      return rooms.map(({ subscriptionId, limit }) => ({ subscriptionId, claimed: limit, drained: false }));
    },
  };
  return {
    claimed,
    claims: new DueClaims(store, lanes, {
      nodeId: firstIdAt(9),
      clock: new ManualClock(0),
      reporter: { backlogObserved: () => {} },
    }),
  };
}

function backlogged(lanes: Lanes, organizationId: OrganizationId | undefined, first: number, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const lane = lanes.lane(firstIdAt(first + index), organizationId);
    lanes.addBacklog(lane, { isNew: true });
    return lane;
  });
}

test("the first claim includes the lane of a neighbour, after any number of lanes of another organization", async () => {
  const lanes = new Lanes();
  backlogged(lanes, busy, 100, 200);
  const [lane] = backlogged(lanes, neighbour, 1_000, 1);
  const { claims, claimed } = endlessClaims(lanes);
  await claims.claim();
  expect(claimed[0]?.map(({ subscriptionId }) => subscriptionId)).toContain(lane?.subscriptionId);
});

test("every lane has its turn, although the first lanes always have a backlog and room", async () => {
  const lanes = new Lanes();
  const all = backlogged(lanes, busy, 100, 200).map(({ subscriptionId }) => subscriptionId);
  const { claims, claimed } = endlessClaims(lanes);
  for (let turn = 0; turn < 20; turn++) await claims.claim();
  const served = new Set<SubscriptionId>(claimed.flat().map(({ subscriptionId }) => subscriptionId));
  expect(served).toEqual(new Set(all));
});

test("a claim asks for no more than one commit claims, and no more than the organization has room for", async () => {
  const lanes = new Lanes();
  const [holder] = backlogged(lanes, busy, 100, 100);
  if (holder === undefined) throw new Error("There is a lane.");
  holder.share.held = limits.organizationHeldMax - 10;
  backlogged(lanes, neighbour, 1_000, 100);
  const { claims, claimed } = endlessClaims(lanes);
  await claims.claim();
  const limitOf = (organization: OrganizationId | undefined) =>
    (claimed[0] ?? [])
      .filter(({ subscriptionId }) => lanes.lane(subscriptionId).share.organizationId === organization)
      .reduce((sum, { limit }) => sum + limit, 0);
  expect(limitOf(busy)).toBe(10);
  expect(limitOf(busy) + limitOf(neighbour)).toBe(limits.claimedPerCommitMax);
});
