import { expect, test } from "vitest";
import { until } from "./fixtures/manual-clock.ts";
import { Receiver, status } from "./fixtures/receiver.ts";
import { RunningEngine } from "./fixtures/running-engine.ts";

test("a rate limit allows a burst of one second's deliveries, then its rate, and delays no neighbour", async () => {
  await using receiver = await Receiver.start();
  await using neighbour = await Receiver.start();
  await using running = await RunningEngine.start();
  const limited = await running.world.subscribe({ url: receiver.url(), rateLimit: 4 });
  await running.world.subscribe({ url: neighbour.url() });
  for (let i = 0; i < 20; i++) await running.world.accept();
  await until("the neighbour has all", () => neighbour.received.length === 20);
  await until("one second's worth arrived", () => receiver.received.length === 4);
  await running.quiet();
  expect(receiver.received).toHaveLength(4);
  for (let second = 2; second <= 5; second++) {
    for (let part = 0; part < 4; part++) {
      await running.advance(250);
      await running.quiet();
    }
    await until(`${second * 4} arrived`, () => receiver.received.length === second * 4);
  }
  await until("all is recorded", async () => (await running.made(limited.id)).length === 20);
});

test("retries and resends count as well", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(400);
  const { id } = await running.world.subscribe({ url: receiver.url(), rateLimit: 1, retryDelaysMs: [100] });
  const message = await running.world.accept();
  await until("it was refused", async () => (await running.made(id)).length === 1);
  await running.advance(150);
  await running.quiet();
  expect(receiver.received).toHaveLength(1);
  await running.advance(900);
  await until("it was tried again", async () => (await running.made(id)).length === 2);
  const { organizationId } = running.world;
  await running.world.store.resendMessage({
    organizationId,
    messageId: message.id,
    subscriptionId: id,
    now: running.clock.now(),
  });
  await running.quiet();
  expect(receiver.received).toHaveLength(2);
  await running.advance(1_000);
  await until("it was resent", () => receiver.received.length === 3);
});

test("a subscription shows that deliveries wait for its rate limit, until none does", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const { id } = await running.world.subscribe({ url: receiver.url(), rateLimit: 1 });
  for (let i = 0; i < 4; i++) await running.world.accept();
  await until("the first arrived", () => receiver.received.length === 1);
  await running.quiet();
  const key = { organizationId: running.world.organizationId, subscriptionId: id };
  const shown = async () => (await running.world.store.readSubscription(key))?.throttleState ?? null;
  await running.advance(2_000);
  expect(await until("it was stored", shown)).toMatchObject({ state: "rate_limited", nextTryAt: null });
  for (let part = 0; part < 8; part++) {
    await running.advance(1_000);
    await running.quiet();
  }
  expect(receiver.received).toHaveLength(4);
  await until("it was gone", async () => (await shown()) === null);
});
