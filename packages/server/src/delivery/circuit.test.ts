import { expect, test } from "vitest";
import { prefixed, type SubscriptionId } from "../domain/id.ts";
import type { Subscription } from "../domain/subscription.ts";
import { until } from "./fixtures/manual-clock.ts";
import { Receiver, status } from "./fixtures/receiver.ts";
import { RunningEngine } from "./fixtures/running-engine.ts";

/** Ten failures in a row over thirty seconds. The circuit is open, and every message so far has failed permanently. */
async function failed(running: RunningEngine, receiver: Receiver, changes: Partial<Subscription> = {}) {
  receiver.respond = status(503);
  const subscription = await running.world.subscribe({ url: receiver.url(), retryDelaysMs: [], ...changes });
  for (let i = 0; i < 10; i++) {
    if (i === 9) await running.advance(30_000);
    await running.world.accept();
    await recorded(running, subscription.id, i + 1);
    // The pause that a 503 asks for.
    await running.advance(1_000);
  }
  return subscription;
}

async function recorded(running: RunningEngine, subscriptionId: SubscriptionId, count: number): Promise<void> {
  await until(`${count} were recorded`, async () => (await running.made(subscriptionId)).length === count);
}

async function waiting(running: RunningEngine, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(prefixed("msg", (await running.world.accept()).id));
  return ids;
}

test("an endpoint that is down gets one trial after 5 s and one after 10 s more, and all waiting deliveries once it responds", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const { id } = await failed(running, receiver, { retryDelaysMs: [1_000_000] });
  const waited = await waiting(running, 5);
  await running.advance(3_000);
  await running.quiet();
  expect(receiver.received).toHaveLength(10);
  await running.advance(2_000);
  await recorded(running, id, 11);
  await running.quiet();
  expect(receiver.received).toHaveLength(11);
  await running.advance(9_000);
  await running.quiet();
  expect(receiver.received).toHaveLength(11);
  receiver.respond = status(204);
  await running.advance(2_000);
  await until("the rest arrived", () => receiver.received.length === 15);
  expect(new Set(receiver.received.slice(10).map((received) => received.id))).toEqual(new Set(waited));
});

test("a delivery that waited for an open circuit has its whole schedule left, because waiting is not an attempt", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const { id } = await failed(running, receiver);
  const [waited] = await waiting(running, 1);
  await running.advance(3_000);
  await running.quiet();
  expect(await running.made(id)).toHaveLength(10);
  receiver.respond = status(204);
  await running.advance(2_000);
  await recorded(running, id, 11);
  expect(receiver.received.at(-1)?.id).toBe(waited);
  expect((await running.made(id))[0]).toMatchObject({ attemptNumber: 1, succeeded: true });
});

test("a restart of the endpoint does not open the circuit: neither failures within thirty seconds nor refusals suffice", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(500);
  const subscription = await running.world.subscribe({ url: receiver.url(), retryDelaysMs: [] });
  await waiting(running, 30);
  await recorded(running, subscription.id, 30);
  receiver.respond = status(404);
  await running.advance(30_000);
  await waiting(running, 30);
  await recorded(running, subscription.id, 60);
  expect(receiver.received).toHaveLength(60);
});

test("a manual resend is sent through an open circuit immediately, before waiting deliveries, and alone", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const subscription = await failed(running, receiver);
  const first = receiver.received[0]?.id;
  await waiting(running, 3);
  const attempt = (await running.made(subscription.id)).at(-1);
  if (attempt === undefined) throw new Error("Nothing was attempted.");
  await running.world.store.resendMessage({
    organizationId: running.world.organizationId,
    messageId: attempt.messageId,
    subscriptionId: subscription.id,
    now: running.clock.now(),
  });
  await recorded(running, subscription.id, 11);
  await running.quiet();
  expect(receiver.received.map(({ id }) => id).slice(10)).toEqual([first]);
});

test("a test event is sent through an open circuit immediately, and its success releases all waiting deliveries", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const subscription = await failed(running, receiver);
  const waited = await waiting(running, 3);
  receiver.respond = status(204);
  const message = running.world.message();
  await running.world.store.acceptMessages({
    organizationId: running.world.organizationId,
    messages: [message],
    idempotency: null,
    testOf: subscription.id,
  });
  await recorded(running, subscription.id, 14);
  expect(receiver.received.map(({ id }) => id).slice(10)).toEqual([prefixed("msg", message.id), ...waited]);
});

test("a manual resend of an ordered subscription tries its next delivery, and the order stays", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const subscription = await failed(running, receiver, { ordered: true });
  const waited = await waiting(running, 3);
  receiver.respond = status(204);
  await running.world.store.acceptMessages({
    organizationId: running.world.organizationId,
    messages: [running.world.message()],
    idempotency: null,
    testOf: subscription.id,
  });
  await recorded(running, subscription.id, 14);
  expect(receiver.received.map(({ id }) => id).slice(10, 13)).toEqual(waited);
  expect(receiver.openMax).toBe(1);
});

test("a changed subscription is tried immediately, because its URL may have been corrected", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const subscription = await failed(running, receiver);
  await waiting(running, 3);
  await using corrected = await Receiver.start();
  await running.world.store.updateSubscription({
    organizationId: running.world.organizationId,
    subscriptionId: subscription.id,
    changes: { url: corrected.url() },
    now: running.clock.now(),
    operationalEventIds: running.world.operationalEventIds,
  });
  await until("what waited arrived there", () => corrected.received.length === 3);
});

test("an open circuit is shown with its subscription and its next trial, and disappears when the endpoint responds", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const { id } = await failed(running, receiver);
  const key = { organizationId: running.world.organizationId, subscriptionId: id };
  const shown = async () => (await running.world.store.readSubscription(key))?.throttleState ?? null;
  const openedAt = running.clock.now() - 1_000;
  await running.advance(2_000);
  const throttleState = await until("it was stored", shown);
  expect(throttleState).toEqual({
    state: "circuit_open",
    reason: `10 requests in a row failed, the last with 503 at ${new Date(openedAt).toISOString()}.`,
    since: openedAt,
    nextTryAt: openedAt + 5_000,
  });
  receiver.respond = status(204);
  await waiting(running, 1);
  await running.quiet();
  await running.advance(3_000);
  await recorded(running, id, 11);
  await running.advance(2_000);
  await until("it was gone", async () => (await shown()) === null);
});
