import { expect, test } from "vitest";
import type { ClaimedDelivery } from "../domain/delivery.ts";
import { firstIdAt } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { DeliveryLane } from "./delivery-lane.ts";
import { Lanes } from "./lanes.ts";

test("a held delivery uses the room of a node by number and by bytes, and frees it when it is released", () => {
  const lanes = new Lanes();
  const lane = lanes.lane(firstIdAt(1));
  const delivery = deliveryOf("x".repeat(1_000));
  lanes.hold(lane, delivery);
  expect(lanes.room).toEqual({ deliveries: limits.nodeHeldMax - 1, bytes: limits.nodeHeldBytesMax - 1_000 });
  lanes.letGo(lane, delivery);
  expect(lanes.room).toEqual({ deliveries: limits.nodeHeldMax, bytes: limits.nodeHeldBytesMax });
});

test("a payload uses room by its length in bytes, not in characters", () => {
  const lanes = new Lanes();
  lanes.hold(lanes.lane(firstIdAt(1)), deliveryOf("é€😀"));
  expect(lanes.room.bytes).toBe(limits.nodeHeldBytesMax - 9);
});

test("a node whose held payloads reach the limit has no room for more", () => {
  const lanes = new Lanes();
  const delivery = deliveryOf("x".repeat(limits.payloadBytesMax));
  for (let held = 0; held <= limits.nodeHeldBytesMax; held += limits.payloadBytesMax) {
    lanes.hold(lanes.lane(firstIdAt(held)), delivery);
  }
  expect(lanes.room.bytes).toBe(0);
});

test("an organization that has used up its share is full, and the others are not", () => {
  const lanes = new Lanes();
  const delivery = deliveryOf("{}");
  const held = Array.from({ length: limits.organizationHeldMax }, (_, at) => lanes.lane(firstIdAt(at), firstIdAt(1)));
  for (const lane of held) lanes.hold(lane, delivery);
  lanes.hold(lanes.lane(firstIdAt(0x1_0000), firstIdAt(2)), delivery);
  expect(lanes.fullOrganizations()).toEqual([firstIdAt(1)]);
  lanes.letGo(lanes.lane(firstIdAt(1)), delivery);
  expect(lanes.fullOrganizations()).toEqual([]);
});

test("an organization with few deliveries of large payloads is full as well", () => {
  const lanes = new Lanes();
  const delivery = deliveryOf("x".repeat(limits.payloadBytesMax));
  const lane = lanes.lane(firstIdAt(1), firstIdAt(1));
  for (let held = 0; held < limits.organizationHeldBytesMax; held += limits.payloadBytesMax) lanes.hold(lane, delivery);
  expect(lanes.fullOrganizations()).toEqual([firstIdAt(1)]);
});

test("organizations with a backlog take turns, and after its turn a lane is the last of its organization", () => {
  const lanes = new Lanes();
  const [first, second, third] = [10, 11, 12].map((at) => lanes.lane(firstIdAt(at), firstIdAt(1))) as [
    DeliveryLane,
    DeliveryLane,
    DeliveryLane,
  ];
  const other = lanes.lane(firstIdAt(20), firstIdAt(2));
  for (const lane of [first, second, third, other]) lanes.addBacklog(lane, { isNew: true });
  expect([...lanes.backlogged()]).toEqual([first, other, second, third]);
  lanes.endTurn(first);
  expect([...lanes.backlogged()]).toEqual([other, second, third, first]);
  for (const lane of [first, second, third, other]) lanes.clearBacklog(lane);
  expect(lanes.hasBacklog).toBe(false);
});

test("a lane keeps its backlog when its organization becomes known", () => {
  const lanes = new Lanes();
  const lane = lanes.lane(firstIdAt(10));
  lanes.addBacklog(lane, { isNew: true });
  lanes.addBacklog(lanes.lane(firstIdAt(11)), { isNew: true });
  expect(lanes.lane(firstIdAt(10), firstIdAt(1))).toBe(lane);
  expect(lane.share.organizationId).toBe(firstIdAt(1));
  expect([...lanes.backlogged()]).toHaveLength(2);
  expect(lanes.backloggedOrFull()).toHaveLength(2);
});

function deliveryOf(payload: string): ClaimedDelivery {
  return {
    messageId: firstIdAt(1),
    subscriptionId: firstIdAt(1),
    organizationId: firstIdAt(1),
    eventType: "sync.completed",
    payload,
    contentType: null,
    trigger: "scheduled",
    attempts: 0,
    scheduleStep: 0,
    ordered: false,
    dueAt: 0,
    traceContext: null,
  };
}
