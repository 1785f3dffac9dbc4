import { expect, test } from "vitest";
import { StoreUnavailableError } from "../domain/errors.ts";
import { prefixed } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { until } from "./fixtures/manual-clock.ts";
import { delayed, Receiver } from "./fixtures/receiver.ts";
import { RunningEngine } from "./fixtures/running-engine.ts";

test("receivers that hang, close or send garbage leave an attempt with a reason, and other deliveries continue", async () => {
  await using good = await Receiver.start();
  await using bad = await Receiver.start();
  await using running = await RunningEngine.start({ timeoutMs: 3_000 });
  bad.respond = (response, { path }) => {
    if (path === "/close") response.socket?.destroy();
    if (path === "/nonsense") response.socket?.end("this is not HTTP\r\n\r\n");
    if (path === "/babble") response.writeHead(200).end("x".repeat(5 * 1024 * 1024));
  };
  const expected = { "/hang": "timeout", "/close": "closed", "/nonsense": "protocol", "/babble": "too_large" };
  const subscriptions = [];
  for (const path of Object.keys(expected)) subscriptions.push(await running.world.subscribe({ url: bad.url(path) }));
  await running.world.subscribe({ url: good.url() });
  await running.world.accept();
  await until("the good one was served", () => good.received.length === 1);
  for (const [index, reason] of Object.values(expected).entries()) {
    const { id } = subscriptions[index] ?? { id: running.world.newId<"subscription">() };
    const [attempt] = await until(`the ${reason} was recorded`, async () => {
      const made = await running.made(id);
      return made.length > 0 && made;
    });
    expect(attempt?.error).toMatch(new RegExp(`^${reason}: `));
    expect(attempt?.succeeded).toBe(reason === "too_large");
    expect(attempt?.responseBody?.length ?? 0).toBeLessThanOrEqual(limits.responseBytesKept);
  }
});

test("a private address is never connected to, and the attempt says so without naming it", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start({ allowNetworks: [] });
  const subscription = await running.world.subscribe({ url: receiver.url() });
  await running.world.accept();
  await until("it was recorded", async () => (await running.made(subscription.id)).length === 1);
  const [attempt] = await running.made(subscription.id);
  expect(attempt).toMatchObject({ succeeded: false, responseStatus: 0, responseBody: null });
  expect(attempt?.error).toMatch(/^blocked_address: /);
  expect(attempt?.error).not.toContain("127.0.0.1");
  expect(receiver.received).toEqual([]);
});

test("an endpoint that delays its responses gets a bounded number of requests, and its neighbour gets all of its own", async () => {
  await using slow = await Receiver.start();
  await using quick = await Receiver.start();
  await using running = await RunningEngine.start();
  const hold = delayed();
  slow.respond = hold.respond;
  await running.world.subscribe({ url: slow.url() });
  await running.world.subscribe({ url: quick.url() });
  for (let i = 0; i < 200; i++) await running.world.accept();
  await until("the neighbour got everything", () => quick.received.length === 200);
  expect(slow.openMax).toBe(limits.laneConcurrencyFirst);
  hold.release();
  await until("the slow one got everything", () => slow.received.length === 200);
  expect(slow.openMax).toBeLessThanOrEqual(limits.laneConcurrencyMax);
});

test("stopping finishes running requests and releases the rest, and the next engine sends them", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const hold = delayed();
  receiver.respond = hold.respond;
  const subscription = await running.world.subscribe({ url: receiver.url() });
  for (let i = 0; i < 20; i++) await running.world.accept();
  await until("the lane is full", () => receiver.open === limits.laneConcurrencyFirst);
  const stopped = running.stop();
  await running.quiet();
  hold.release();
  expect((await stopped).finished).toBe(limits.laneConcurrencyFirst);
  expect(await running.made(subscription.id)).toHaveLength(limits.laneConcurrencyFirst);
  const heir = await running.world.node();
  expect(await running.world.claim(heir, subscription.id)).toHaveLength(20 - limits.laneConcurrencyFirst);
});

test("a request that a stop aborts is recorded, uses no retry, and is due immediately", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  receiver.respond = delayed().respond;
  const subscription = await running.world.subscribe({ url: receiver.url(), retryDelaysMs: [] });
  await running.world.accept();
  await until("the request is under way", () => receiver.open === 1);
  let finished: number | null = null;
  const stopped = running.stop().then((counts) => {
    finished = counts.finished;
  });
  await until("the engine has stopped", () => {
    running.sleep(100);
    return finished !== null;
  });
  await stopped;
  expect(finished).toBe(0);
  expect(await running.made(subscription.id)).toMatchObject([{ error: expect.stringMatching(/^aborted: /) }]);
  const heir = await running.world.node();
  expect(await running.world.claim(heir, subscription.id)).toMatchObject([{ attempts: 1, scheduleStep: 0 }]);
});

test("deliveries that a commit hands over while the engine stops are finished and recorded, or released", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const subscription = await running.world.subscribe({ url: receiver.url() });
  const accepts = Array.from({ length: 50 }, () => running.world.accept());
  await Promise.all([running.stop(), ...accepts]);
  const sent = (await running.made(subscription.id)).length;
  expect(receiver.received).toHaveLength(sent);
  expect(await running.world.claim(await running.world.node(), subscription.id)).toHaveLength(50 - sent);
});

test("deliveries of an expired node are sent after its lease has run out", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const subscription = await running.world.subscribe({ url: receiver.url(), disabledReason: "by_request" });
  const key = { organizationId: running.world.organizationId, subscriptionId: subscription.id };
  const message = await running.world.accept();
  const dead = await running.world.node(limits.nodeLeaseMs);
  await running.world.store.updateSubscription({
    ...key,
    changes: { disabledReason: null },
    now: running.clock.now(),
    operationalEventIds: running.world.operationalEventIds,
  });
  running.world.store.handOverTo({
    nodeId: dead,
    room: () => ({ deliveries: 0, bytes: 0 }),
    backloggedLanes: () => [],
    fullOrganizations: () => [],
    take: () => {},
  });
  await running.world.store.resendMessage({ ...key, messageId: message.id, now: running.clock.now() });
  expect(await running.world.claim(dead, subscription.id)).toHaveLength(1);
  running.world.store.handOverTo(running.engine);
  for (let beat = 0; beat < 10; beat++) {
    await running.advance(3_000);
    await running.quiet();
  }
  await until("the heir sent it", () => receiver.received.length === 1);
});

test("a node that slept longer than its lease starts again, and sends waiting deliveries once", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const hold = delayed();
  receiver.respond = hold.respond;
  await running.world.subscribe({ url: receiver.url() });
  for (let i = 0; i < 20; i++) await running.world.accept();
  await until("the lane is full", () => receiver.open === limits.laneConcurrencyFirst);
  running.sleep(limits.nodeLeaseMs * 4);
  await until("the fact was reported", () => running.facts.some(({ name }) => name === "deliveriesRescued"));
  hold.release();
  const arrived = () => new Set(receiver.received.map(({ id }) => id)).size;
  await until("all arrived", () => arrived() === 20);
  await running.world.accept();
  await until("it goes on", () => arrived() === 21);
  // Requests that were running when the lease expired may be repeated; waiting deliveries may not.
  expect(receiver.received.length).toBeLessThanOrEqual(21 + limits.laneConcurrencyFirst);
});

test("while the store cannot record, attempts are kept, and recorded later exactly once", async () => {
  await using receiver = await Receiver.start();
  let isBroken = true;
  await using running = await RunningEngine.start({
    wrap: (store) => ({
      ...store,
      recordAttempts: (params) =>
        isBroken ? Promise.reject(new StoreUnavailableError("The disk is full.")) : store.recordAttempts(params),
    }),
  });
  const subscription = await running.world.subscribe({ url: receiver.url() });
  await running.world.accept();
  await until("the fact was reported", () => running.facts.some(({ name }) => name === "internalOperationFailed"));
  expect(await running.made(subscription.id)).toEqual([]);
  isBroken = false;
  await running.advance(250);
  await until("it was recorded", async () => (await running.made(subscription.id)).length === 1);
  expect(receiver.received).toHaveLength(1);
});

test("when the store cannot read the targets, the deliveries are released together and start in order", async () => {
  await using receiver = await Receiver.start();
  let failRead: ((error: Error) => void) | null = null;
  await using running = await RunningEngine.start({
    wrap: (store) => ({
      ...store,
      readDeliverySettings: (params) =>
        failRead === null ? new Promise((_, reject) => (failRead = reject)) : store.readDeliverySettings(params),
    }),
  });
  await running.world.subscribe({ url: receiver.url() });
  const made = [];
  for (let i = 0; i < limits.laneConcurrencyFirst + 4; i++)
    made.push(prefixed("msg", (await running.world.accept()).id));
  const fail = await until("a target is asked for", () => failRead);
  fail(new StoreUnavailableError("The database is away."));
  await until("the failure was reported", () => running.facts.some(({ name }) => name === "deliveryFailed"));
  expect(running.started).toEqual([]);
  await running.advance(limits.failedDeliveryRestMs);
  await until("all were received", () => receiver.received.length === made.length);
  expect(running.started).toEqual(made);
});

const retryDelaysMs = [5_000, 300_000, 1_800_000, 7_200_000];

test("an unexpected error in a delivery is a failed attempt under the retry schedule, and is reported once", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start({
    wrap: (store) => ({
      ...store,
      readDeliverySettings: async (params) => {
        const settings = await store.readDeliverySettings(params);
        if (settings?.target.url.endsWith("/unreadable") === true)
          throw new Error("A stored secret cannot be decrypted.");
        // A secret that is not a valid key fails when the target is prepared.
        return settings?.target.url.endsWith("/unsigned") === true
          ? { ...settings, secrets: [{ secret: "whsec_", createdAt: 0, expiresAt: null }] }
          : settings;
      },
    }),
  });
  const broken = [];
  for (const path of ["/unreadable", "/unsigned"])
    broken.push(await running.world.subscribe({ url: receiver.url(path) }));
  await running.world.subscribe({ url: receiver.url("/good") });
  await running.world.accept();
  await until("the other subscription was served", () => receiver.received.length === 1);
  for (let attempts = 1; attempts <= retryDelaysMs.length + 1; attempts++) {
    for (const { id } of broken) {
      await until("the attempt was recorded", async () => (await running.made(id)).length === attempts);
    }
    await running.quiet();
    expect(running.facts.filter(({ name }) => name === "deliveryFailed")).toHaveLength(2 * attempts);
    await running.advance(retryDelaysMs[attempts - 1] ?? 7_200_000);
  }
  await running.quiet();
  for (const { id } of broken) {
    const made = await running.made(id);
    expect(made).toHaveLength(retryDelaysMs.length + 1);
    expect(made[0]).toMatchObject({ succeeded: false, responseStatus: 0, nextAttemptAt: null });
    expect(made[0]?.error).toMatch(/^internal: /);
  }
  expect(receiver.received).toHaveLength(1);
});

test("a record that cannot be stored does not delay others, and is stored without the response", async () => {
  await using receiver = await Receiver.start();
  receiver.respond = (response, { path }) => void response.writeHead(500).end(path === "/poison" ? "poison" : "fine");
  let refusals = 0;
  await using running = await RunningEngine.start({
    wrap: (store) => ({
      ...store,
      recordAttempts: async (params) => {
        if (params.records.some(({ attempt }) => attempt.responseBody === "poison")) {
          refusals += 1;
          throw new Error("invalid byte sequence");
        }
        return store.recordAttempts(params);
      },
    }),
  });
  const poisoned = await running.world.subscribe({ url: receiver.url("/poison") });
  const others = [];
  for (let i = 0; i < 5; i++) others.push(await running.world.subscribe({ url: receiver.url(`/${i}`) }));
  await running.world.accept();
  for (const { id } of [...others, poisoned]) {
    await until("it was recorded", async () => (await running.made(id)).length === 1);
  }
  const [attempt] = await running.made(poisoned.id);
  expect(attempt).toMatchObject({
    responseStatus: 500,
    responseBody: null,
    error: expect.stringMatching(/^internal: /),
  });
  expect(refusals).toBeLessThanOrEqual(2);
});

test("an engine that queried for due deliveries before a sleep of the machine queries again soon after it", async () => {
  let looks = 0;
  let finishLook: (() => void) | null = null;
  await using running = await RunningEngine.start({
    wrap: (store) => ({
      ...store,
      findDueLanes: async (params) => {
        looks += 1;
        if (looks === 2) await new Promise<void>((resolve) => (finishLook = resolve));
        return store.findDueLanes(params);
      },
    }),
  });
  await running.advance(1_000);
  const finish = await until("it looks", () => finishLook);
  running.sleep(3_600_000);
  finish();
  await running.quiet();
  await running.advance(30_000);
  await until("it looked again", () => looks > 2);
});

test("a node that lost its lease claims nothing before it has one again", async () => {
  await using receiver = await Receiver.start();
  let finishRescue: (() => void) | null = null;
  let isLost = false;
  await using running = await RunningEngine.start({
    wrap: (store) => ({
      ...store,
      recordHeartbeat: async (params) => {
        const lives = await store.recordHeartbeat(params);
        isLost ||= !lives;
        return lives;
      },
      rescueDeliveries: async (params) => {
        if (isLost && finishRescue === null) await new Promise<void>((resolve) => (finishRescue = resolve));
        return store.rescueDeliveries(params);
      },
    }),
  });
  const subscription = await running.world.subscribe({ url: receiver.url() });
  await running.quiet();
  running.sleep(limits.nodeLeaseMs * 4);
  const finish = await until("it rescues", () => finishRescue);
  await running.world.accept();
  await running.quiet();
  expect(running.engine.room().deliveries).toBe(0);
  expect(receiver.received).toEqual([]);
  finish();
  await until("it goes on", async () => (await running.made(subscription.id)).length === 1);
  expect(receiver.received).toHaveLength(1);
});

test("when another node has taken over an ordered subscription, this one does not send the next delivery", async () => {
  await using receiver = await Receiver.start();
  await using running = await RunningEngine.start();
  const { store } = running.world;
  const hold = delayed();
  receiver.respond = hold.respond;
  const { id: subscriptionId } = await running.world.subscribe({ url: receiver.url(), ordered: true });
  const [first, second] = await Promise.all([running.world.accept(), running.world.accept()]);
  await until("the first is under way", () => receiver.open === 1);
  const deliveries = [first, second].map(({ id: messageId }) => ({ messageId, subscriptionId }));
  await store.releaseDeliveries({ nodeId: running.engine.nodeId, deliveries });
  const heir = await running.world.node();
  store.handOverTo({
    nodeId: heir,
    room: () => ({ deliveries: 0, bytes: 1_000 }),
    backloggedLanes: () => [],
    fullOrganizations: () => [],
    take: () => {},
  });
  expect(await running.world.claim(heir, subscriptionId)).toHaveLength(2);
  hold.release();
  await until("the fact was reported", () => running.facts.some(({ name }) => name === "leaseLost"));
  await running.quiet();
  expect(receiver.received).toHaveLength(1);
  store.handOverTo(running.engine);
});

test("deliveries that have not started when the engine stops are released, even while their targets are being read", async () => {
  await using receiver = await Receiver.start();
  let finishRead: (() => void) | null = null;
  await using running = await RunningEngine.start({
    wrap: (store) => ({
      ...store,
      readDeliverySettings: async (params) => {
        await new Promise<void>((resolve) => (finishRead = resolve));
        return store.readDeliverySettings(params);
      },
    }),
  });
  const subscription = await running.world.subscribe({ url: receiver.url() });
  await running.world.accept();
  const finish = await until("its target is asked for", () => finishRead);
  const stopped = running.stop();
  await running.quiet();
  finish();
  await stopped;
  expect(receiver.received).toEqual([]);
  expect(await running.world.claim(await running.world.node(), subscription.id)).toHaveLength(1);
});
