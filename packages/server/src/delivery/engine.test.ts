import { verify, verifySignature } from "@weft/receiver";
import { Webhook } from "svix";
import { expect, test } from "vitest";
import { prefixed } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { undelivered } from "../domain/recovery.ts";
import { until } from "./fixtures/manual-clock.ts";
import { delayed, Receiver, status } from "./fixtures/receiver.ts";
import { RunningEngine } from "./fixtures/running-engine.ts";

const payload = '{"event_type":"sync.completed","n":12345678901234567890, "a":1}';

test("a message arrives as it was accepted, with a signature that Weft's kit and Svix' library verify", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const subscription = await running.world.subscribe(
    { url: receiver.url("/a?b=c"), headers: { "X-Team": "search" } },
    secret,
  );
  const message = await running.world.accept({ payload });
  const [received] = await until("it was received", () => receiver.received.length === 1 && receiver.received);
  if (received === undefined) throw new Error("Nothing was received.");
  expect(received).toMatchObject({ path: "/a?b=c", body: payload, id: prefixed("msg", message.id) });
  expect(received.headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": "Weft/test",
    "x-team": "search",
    "svix-timestamp": String(running.clock.now() / 1000),
    "webhook-id": received.id,
    "webhook-signature": received.headers["svix-signature"],
  });
  expect(received.headers["accept-encoding"]).toBeUndefined();
  const now = new Date(running.clock.now());
  await verify(received.body, received.headers as Record<string, string>, secret, { now });
  const signed = new Webhook(secret).sign(received.id, now, received.body);
  expect(received.headers["svix-signature"]).toBe(signed);
  await until("it was recorded", async () => (await running.made(subscription.id)).length === 1);
  expect(await running.made(subscription.id)).toMatchObject([
    { succeeded: true, responseStatus: 204, attemptNumber: 1, trigger: "scheduled", nextAttemptAt: null },
  ]);
});

test("a refused delivery is attempted five times, immediately and after 5 s, 5 min, 30 min and 2 h, under one id, then fails", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(500, {}, "no");
  const subscription = await running.world.subscribe({ url: receiver.url() });
  await running.world.accept({ payload });
  for (const [index, delayMs] of [0, 5_000, 300_000, 1_800_000, 7_200_000].entries()) {
    if (delayMs > 0) {
      await running.advance(delayMs - 1);
      await running.quiet();
      expect(receiver.received).toHaveLength(index);
      await running.advance(1);
    }
    await until(
      `attempt ${index + 1} was recorded`,
      async () => (await running.made(subscription.id)).length === index + 1,
    );
  }
  await running.advance(30 * 24 * 3_600_000);
  await running.quiet();
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  const attempts = await running.made(subscription.id);
  expect(attempts.map((attempt) => attempt.attemptNumber)).toEqual([5, 4, 3, 2, 1]);
  expect(attempts[0]).toMatchObject({ succeeded: false, responseStatus: 500, responseBody: "no", nextAttemptAt: null });
});

test("a retry keeps the id and the bytes of the payload, and is signed again with the time of its attempt", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(500);
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const subscription = await running.world.subscribe({ url: receiver.url() }, secret);
  const message = await running.world.accept({ payload });
  const firstAt = running.clock.now();
  for (const [index, delayMs] of [0, 5_000, 300_000].entries()) {
    await running.advance(delayMs);
    await until("it was recorded", async () => (await running.made(subscription.id)).length === index + 1);
  }
  const seconds = Math.floor(firstAt / 1000);
  for (const [index, at] of [seconds, seconds + 5, seconds + 305].entries()) {
    const received = receiver.received[index];
    expect(received).toMatchObject({ id: prefixed("msg", message.id), body: payload });
    expect(received?.headers["webhook-timestamp"]).toBe(String(at));
    const headers = received?.headers as Record<string, string>;
    await verifySignature(received?.body ?? "", headers, secret, { now: new Date(at * 1000), tolerance: 0 });
  }
});

test("a subscription's own retry schedule applies", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(500);
  const subscription = await running.world.subscribe({ url: receiver.url(), retryDelaysMs: [60_000] });
  await running.world.accept();
  await until("the first attempt was made", async () => (await running.made(subscription.id)).length === 1);
  await running.advance(60_000);
  await until("the second attempt was made", async () => (await running.made(subscription.id)).length === 2);
  const [last] = await running.made(subscription.id);
  expect(last?.nextAttemptAt).toBeNull();
});

test("Retry-After lengthens the delay", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(503, { "retry-after": "120" });
  const subscription = await running.world.subscribe({ url: receiver.url() });
  await running.world.accept();
  const [attempt] = await until("it was refused", async () => {
    const made = await running.made(subscription.id);
    return made.length === 1 && made;
  });
  expect(attempt?.nextAttemptAt).toBe(running.clock.now() + 120_000);
});

test("a receiver that sends Retry-After gets that pause, and its lane continues afterwards", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(429, { "retry-after": "1" });
  const subscription = await running.world.subscribe({ url: receiver.url() });
  await running.world.accept();
  await until("it was refused", async () => (await running.made(subscription.id)).length === 1);
  receiver.respond = status(204);
  await running.world.accept();
  await running.quiet();
  expect(receiver.received).toHaveLength(1);
  await running.advance(1_000);
  await until("the lane went on", () => receiver.received.length === 2);
});

test("a receiver that refuses everything gets single requests, and all of them once it accepts again", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(503);
  await running.world.subscribe({ url: receiver.url() });
  for (let i = 0; i < 40; i++) await running.world.accept();
  const refusedAtFirst = await until(
    "the lane has slowed down",
    () => receiver.received.length >= 10 && receiver.received.length,
  );
  await running.quiet();
  expect(receiver.received.length).toBeLessThanOrEqual(refusedAtFirst + limits.laneConcurrencyMax / 4);
  const before = receiver.received.length;
  await running.advance(500);
  await until("the next request was sent", () => receiver.received.length > before);
  await running.quiet();
  expect(receiver.received.length).toBeLessThanOrEqual(before + 1);
  receiver.respond = status(204);
  for (let i = 0; i < 60 && (await running.world.store.findDueLanes({ limit: 1 })).length > 0; i++) {
    await running.advance(1_000);
    await running.quiet();
  }
  await until("everything was taken", () => new Set(receiver.received.map(({ id }) => id)).size === 40);
});

test("a redirect is a failure and is not followed", async () => {
  await using elsewhere = await Receiver.start();
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(302, { location: elsewhere.url() });
  const subscription = await running.world.subscribe({ url: receiver.url() });
  await running.world.accept();
  await until("it was refused", async () => (await running.made(subscription.id)).length === 1);
  expect((await running.made(subscription.id))[0]).toMatchObject({
    succeeded: false,
    responseStatus: 302,
    error: expect.stringMatching(/^redirect: /),
  });
  expect(elsewhere.received).toEqual([]);
});

test("a 410 fails the delivery, disables the subscription and skips its waiting deliveries", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(410);
  const subscription = await running.world.subscribe({ url: receiver.url() });
  const key = { organizationId: running.world.organizationId, subscriptionId: subscription.id };
  await running.world.accept();
  await until(
    "it was disabled",
    async () => (await running.world.store.readSubscription(key))?.disabledReason === "gone",
  );
  await running.world.accept();
  await running.advance(24 * 3_600_000);
  await running.quiet();
  expect(receiver.received).toHaveLength(1);
  expect(await running.world.recoverable({ ...key, scope: undelivered, since: 0, until: running.world.now + 1 })).toBe(
    2,
  );
});

test("first attempts to one subscription start in the order of the messages, even when they overflow to the store", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const hold = delayed();
  receiver.respond = hold.respond;
  await running.world.subscribe({ url: receiver.url() });
  const made = [];
  for (let i = 0; i < 100; i++) made.push(prefixed("msg", (await running.world.accept()).id));
  hold.release();
  receiver.respond = status(204);
  for (let i = 0; i < 100; i++) made.push(prefixed("msg", (await running.world.accept()).id));
  await until("all were received", () => receiver.received.length === 200);
  expect(running.started).toEqual(made);
});

test("a lane with a backlog leaves the next free request to a waiting lane", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const requestsMax = limits.nodeConcurrencyMax;
  setRequestsMax(1);
  try {
    const hold = delayed();
    receiver.respond = hold.respond;
    for (const path of ["/a", "/b", "/c"]) await running.world.subscribe({ url: receiver.url(path) });
    const [first, second] = [await running.world.accept(), await running.world.accept()];
    await until("the only place is taken", () => receiver.open === 1);
    receiver.respond = status(204);
    hold.release();
    await until("all were received", () => receiver.received.length === 6);
    const ids = [first, second].map(({ id }) => prefixed("msg", id));
    expect(running.started).toEqual([ids[0], ids[0], ids[0], ids[1], ids[1], ids[1]]);
  } finally {
    setRequestsMax(requestsMax);
  }
});

test("deleting a subscription cancels its waiting deliveries immediately", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const hold = delayed();
  receiver.respond = hold.respond;
  const subscription = await running.world.subscribe({ url: receiver.url() });
  for (let i = 0; i < 50; i++) await running.world.accept();
  await until("the lane is full", () => receiver.open === limits.laneConcurrencyFirst);
  const key = { organizationId: running.world.organizationId, subscriptionId: subscription.id };
  await running.world.store.deleteSubscription({
    ...key,
    now: running.clock.now(),
    operationalEventIds: running.world.operationalEventIds,
  });
  hold.release();
  await until("what was under way is done", () => receiver.open === 0);
  await running.advance(10_000);
  await running.quiet();
  expect(receiver.received).toHaveLength(limits.laneConcurrencyFirst);
  expect(await running.world.store.findDueLanes({ limit: 5 })).toEqual([]);
});

test("a changed URL and a rotated secret apply to the next attempt, and both secrets sign during the overlap", async () => {
  await using before = await Receiver.start();
  await using after = await Receiver.start();
  await using running = await RunningEngine.start();
  const [oldSecret, newSecret] = ["whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC0hIQ==", "whsec_bmV3LW5ldy1uZXctbmV3LW5ldy0hIQ=="];
  const subscription = await running.world.subscribe({ url: before.url() }, oldSecret);
  await running.world.accept();
  await until("the old URL was called", () => before.received.length === 1);
  const key = { organizationId: running.world.organizationId, subscriptionId: subscription.id };
  const now = running.clock.now();
  await running.world.store.rotateSecret({
    ...key,
    secret: newSecret,
    overlapUntil: now + 1_000,
    now,
    operationalEventIds: running.world.operationalEventIds,
  });
  await running.world.store.updateSubscription({
    ...key,
    changes: { url: after.url() },
    now,
    operationalEventIds: running.world.operationalEventIds,
  });
  await running.world.accept();
  await until("the new URL was called", () => after.received.length === 1);
  await running.advance(1_000);
  await running.world.accept();
  await until("the new URL was called again", () => after.received.length === 2);
  expect(before.received).toHaveLength(1);
  const verifies = (index: number, secret: string) =>
    verifySignature(
      after.received[index]?.body ?? "",
      after.received[index]?.headers as Record<string, string>,
      secret,
      {
        now: new Date(running.clock.now()),
      },
    ).then(
      () => true,
      () => false,
    );
  const [both, onlyNew] = [0, 1];
  expect([await verifies(both, oldSecret), await verifies(both, newSecret)]).toEqual([true, true]);
  expect([await verifies(onlyNew, oldSecret), await verifies(onlyNew, newSecret)]).toEqual([false, true]);
});

test("a test event is sent once, regardless of its outcome", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = status(500);
  const subscription = await running.world.subscribe({ url: receiver.url(), eventTypes: ["collection.created"] });
  await running.world.store.acceptMessages({
    organizationId: running.world.organizationId,
    messages: [running.world.message()],
    idempotency: null,
    testOf: subscription.id,
  });
  await until("it was refused", async () => (await running.made(subscription.id)).length === 1);
  expect((await running.made(subscription.id))[0]).toMatchObject({ trigger: "test", nextAttemptAt: null });
});

/** A test could not reach the node's limit of requests. */
function setRequestsMax(max: number): void {
  (limits as { nodeConcurrencyMax: number }).nodeConcurrencyMax = max;
}
