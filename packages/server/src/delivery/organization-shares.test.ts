import { expect, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { until } from "./fixtures/manual-clock.ts";
import { delayed, Receiver } from "./fixtures/receiver.ts";
import { RunningEngine } from "./fixtures/running-engine.ts";

// Two batches, so that each is fanned out in its commit. The share ends in the middle of a lane's second batch.
const batches = [3, 4];
const requestsPerLane = 7;
const hangingLanes = Math.ceil(limits.organizationConcurrencyMax / requestsPerLane) + 6;

test("an organization whose endpoints all hang uses its share of the node's requests, and other organizations use theirs", async () => {
  await using hanging = await Receiver.start();
  await using healthy = await Receiver.start();
  await using running = await RunningEngine.start({ timeoutMs: 60_000 });
  const { world } = running;
  const hold = delayed();
  hanging.respond = hold.respond;
  const neighbour = await world.addOrganization();
  await world.subscribe({ url: healthy.url(), organizationId: neighbour });
  for (let lane = 0; lane < hangingLanes; lane++) await world.subscribe({ url: hanging.url() });
  const { organizationId, store } = world;
  for (const count of batches) {
    const messages = Array.from({ length: count }, () => world.message());
    await store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
  }
  await until("the share is used up", () => hanging.open === limits.organizationConcurrencyMax);
  for (let i = 0; i < 20; i++) await world.accept({ organizationId: neighbour });
  await until("the neighbour got its events", () => healthy.received.length === 20);
  expect(hanging.openMax).toBe(limits.organizationConcurrencyMax);
  hold.release();
  const all = hangingLanes * requestsPerLane;
  await until("the rest was sent after all", () => hanging.received.length === all);
});
