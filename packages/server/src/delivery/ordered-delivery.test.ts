import { expect, test } from "vitest";
import { prefixed } from "../domain/id.ts";
import { until } from "./fixtures/manual-clock.ts";
import { delayed, Receiver, status } from "./fixtures/receiver.ts";
import { RunningEngine } from "./fixtures/running-engine.ts";

async function accepted(running: RunningEngine, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(prefixed("msg", (await running.world.accept()).id));
  return ids;
}

test("an ordered subscription gets its messages one at a time, in order", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = (response) => void setTimeout(() => response.writeHead(204).end(), 1);
  const subscription = await running.world.subscribe({ url: receiver.url(), ordered: true });
  const ids = await accepted(running, 30);
  await until("all arrived", () => receiver.received.length === ids.length);
  expect(receiver.received.map(({ id }) => id)).toEqual(ids);
  expect(receiver.openMax).toBe(1);
  await until("all is recorded", async () => (await running.made(subscription.id)).length === ids.length);
});

test("a retry of an ordered subscription is sent before later messages", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(500);
  await running.world.subscribe({ url: receiver.url(), ordered: true, retryDelaysMs: [60_000, 60_000] });
  const [first, second, third] = await accepted(running, 3);
  await until("the first was refused", () => receiver.received.length === 1);
  await running.advance(30_000);
  await running.quiet();
  expect(receiver.received.map(({ id }) => id)).toEqual([first]);
  receiver.respond = status(204);
  await running.advance(30_000);
  await until("the rest followed", () => receiver.received.length === 4);
  expect(receiver.received.map(({ id }) => id)).toEqual([first, first, second, third]);
});

test("the next message of an ordered subscription follows one that exhausted its attempts", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(500);
  await running.world.subscribe({ url: receiver.url(), ordered: true, retryDelaysMs: [] });
  const ids = await accepted(running, 3);
  await until("each was tried", () => receiver.received.length === 3);
  expect(receiver.received.map(({ id }) => id)).toEqual(ids);
  expect(receiver.openMax).toBe(1);
});

test("while one node sends to an ordered subscription, no other node does", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const hold = delayed();
  receiver.respond = hold.respond;
  const subscription = await running.world.subscribe({ url: receiver.url(), ordered: true });
  await accepted(running, 2);
  await until("the first is under way", () => receiver.received.length === 1);
  const lanes = [{ subscriptionId: subscription.id, limit: 5 }];
  const nodeId = await running.world.node();
  expect(await running.world.store.claimDue({ nodeId, now: running.clock.now(), lanes })).toMatchObject([
    { claimed: 0 },
  ]);
  hold.release();
});
