import { expect, test } from "vitest";
import type { ClaimedDelivery } from "../domain/delivery.ts";
import { firstIdAt } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { Lanes } from "./lanes.ts";

test("what a node holds takes its room in deliveries and in bytes, and gives it back when it is let go", () => {
  const lanes = new Lanes();
  const lane = lanes.lane(firstIdAt(1));
  const delivery = deliveryOf("x".repeat(1_000));
  lanes.hold(lane, delivery);
  expect(lanes.room).toEqual({ deliveries: limits.nodeHeldMax - 1, bytes: limits.nodeHeldBytesMax - 1_000 });
  lanes.letGo(lane, delivery);
  expect(lanes.room).toEqual({ deliveries: limits.nodeHeldMax, bytes: limits.nodeHeldBytesMax });
});

test("a payload takes the room of its bytes, whatever its characters", () => {
  const lanes = new Lanes();
  lanes.hold(lanes.lane(firstIdAt(1)), deliveryOf("é€😀"));
  expect(lanes.room.bytes).toBe(limits.nodeHeldBytesMax - 9);
});

test("a node that holds as many bytes as it may has no room for more", () => {
  const lanes = new Lanes();
  const delivery = deliveryOf("x".repeat(limits.payloadBytesMax));
  for (let held = 0; held <= limits.nodeHeldBytesMax; held += limits.payloadBytesMax) {
    lanes.hold(lanes.lane(firstIdAt(held)), delivery);
  }
  expect(lanes.room.bytes).toBe(0);
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
  };
}
