import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import type { Clock } from "../../domain/clock.ts";
import type { ClaimedDelivery } from "../../domain/delivery.ts";
import { StoreUnavailableError } from "../../domain/errors.ts";
import type { MessageId, NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { AcceptMessages } from "../messages/interface.ts";
import { type Batch, type BatchResponse, noEffects } from "./batch.ts";
import { type Committing, WriteQueue } from "./write-queue.ts";

const lane = "lane" as SubscriptionId;
const other = "other" as SubscriptionId;
const full = "full" as OrganizationId;

/** A queue whose commits and syncs are answered by the test. */
function queueByHand({ syncs = false, gathering = null }: { syncs?: boolean; gathering?: Committing["gathering"] }) {
  const batches: Batch[] = [];
  const waits: PromiseWithResolvers<void>[] = [];
  const taken: string[] = [];
  const queue = new WriteQueue({
    commit: (batch) => {
      // As a message to a thread is: some values cannot be copied.
      batches.push(structuredClone(batch));
    },
    sync: syncs
      ? () => {
          const wait = Promise.withResolvers<void>();
          waits.push(wait);
          return wait.promise;
        }
      : null,
    onChange: () => {},
    onStreamed: () => {},
    onFanOutWaiting: () => {},
    gathering,
  });
  queue.handOverTo({
    nodeId: "node" as NodeId,
    room: () => ({ deliveries: 10, bytes: 100 }),
    backloggedLanes: () => [lane],
    fullOrganizations: () => [full],
    take: (deliveries) => taken.push(...deliveries.map((delivery) => delivery.messageId)),
  });
  function answer(changes: Partial<BatchResponse> = {}): void {
    const results = (batches.at(-1)?.commands ?? []).map((_, index) => ({ ok: true as const, value: index }));
    queue.committed({ results, ...noEffects, ...changes });
  }
  return { queue, batches, waits, taken, answer };
}

function claimed(messageId: string): ClaimedDelivery {
  return {
    messageId: messageId as MessageId,
    subscriptionId: other,
    organizationId: "acme" as OrganizationId,
    eventType: "sync.completed",
    payload: "{}",
    contentType: null,
    trigger: "scheduled",
    attempts: 0,
    scheduleStep: 0,
    ordered: false,
  };
}

/** What a promise has come to so far. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  await turn();
  return Promise.race([promise, Promise.resolve("waiting")]);
}

test("no command is confirmed and no delivery handed over before the disk has the batch; the next batch is committed meanwhile", async () => {
  const { queue, batches, waits, taken, answer } = queueByHand({ syncs: true });
  const first = queue.run("checkWrites", { length: 0 });
  await turn();
  answer({ claimed: [claimed("m1")] });
  const second = queue.run("checkWrites", { length: 0 });
  await turn();
  expect(batches).toHaveLength(2);
  expect([await stateOf(first), taken]).toEqual(["waiting", []]);
  answer({ claimed: [claimed("m2")] });
  waits[0]?.resolve();
  expect([await stateOf(first), taken]).toEqual([0, ["m1"]]);
  // It was committed while the disk was asked, so that answer may not speak of it.
  expect(await stateOf(second)).toBe("waiting");
  waits[1]?.resolve();
  expect([await stateOf(second), taken]).toEqual([0, ["m1", "m2"]]);
});

test("what waits for the disk counts as decided: its room is taken, its lanes are open or closed as it left them", async () => {
  const { queue, batches, answer } = queueByHand({ syncs: true });
  void queue.run("checkWrites", { length: 0 });
  await turn();
  expect(batches[0]?.room).toEqual({
    nodeId: "node",
    deliveries: 10,
    bytes: 100,
    backloggedLanes: [lane],
    fullOrganizations: [full],
  });
  answer({ claimed: [claimed("m1"), claimed("m2")], drained: [lane], backlogged: [other] });
  void queue.run("checkWrites", { length: 0 });
  await turn();
  expect(batches[1]?.room).toEqual({
    nodeId: "node",
    deliveries: 8,
    bytes: 96,
    backloggedLanes: [other],
    fullOrganizations: [full],
  });
});

test("when syncing the disk fails, no command is confirmed, then or later", async () => {
  const { queue, waits, taken, answer } = queueByHand({ syncs: true });
  const first = queue.run("checkWrites", { length: 0 });
  await turn();
  answer({ claimed: [claimed("m1")] });
  waits[0]?.reject(new Error("EIO"));
  await expect(first).rejects.toThrow(StoreUnavailableError);
  await expect(queue.run("checkWrites", { length: 0 })).rejects.toThrow(/EIO/);
  expect(taken).toEqual([]);
  expect((await queue.failed).message).toBe("EIO");
  // Nothing is pending, so a stop does not wait for ever.
  await queue.drained();
});

test("the queue is drained when everything asked for has been answered", async () => {
  const { queue, waits, answer } = queueByHand({ syncs: true });
  await queue.drained();
  const asked = queue.run("checkWrites", { length: 0 });
  const drained = queue.drained().then(() => "drained");
  await turn();
  answer();
  expect(await stateOf(drained)).toBe("waiting");
  waits[0]?.resolve();
  await asked;
  expect(await drained).toBe("drained");
});

test("while the fate of a commit is unknown no caller waits, and its deliveries are handed over in the end", async () => {
  const { queue, batches, taken, answer } = queueByHand({});
  const first = queue.run("checkWrites", { length: 0 });
  await turn();
  const behind = queue.run("checkWrites", { length: 0 });
  queue.stall(new StoreUnavailableError("no answer"));
  await expect(first).rejects.toThrow(StoreUnavailableError);
  await expect(behind).rejects.toThrow(/no answer/);
  await expect(queue.run("checkWrites", { length: 0 })).rejects.toThrow(StoreUnavailableError);
  answer({ claimed: [claimed("m1")] });
  expect(taken).toEqual(["m1"]);
  const after = queue.run("checkWrites", { length: 0 });
  await turn();
  expect(batches).toHaveLength(2);
  answer();
  expect(await after).toBe(0);
});

/** A clock that the test advances, with one sleeper at a time. */
function clockByHand() {
  let now = 1_000;
  let wake = () => {};
  let wakeAt = Number.POSITIVE_INFINITY;
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) => {
      wakeAt = now + ms;
      return new Promise((resolve) => {
        wake = resolve;
        signal.addEventListener("abort", () => resolve());
      });
    },
  };
  async function advance(ms: number): Promise<void> {
    now += ms;
    if (now >= wakeAt) wake();
    await turn();
  }
  return { clock, advance };
}

test("a busy queue gathers for a while before it commits again, or until it has enough; one that is not busy never waits", async () => {
  const { clock, advance } = clockByHand();
  const { queue, batches, answer } = queueByHand({ gathering: { ms: 10, clock } });
  const ask = (count: number) => {
    for (let i = 0; i < count; i++) void queue.run("checkWrites", { length: 0 });
  };
  ask(1);
  await turn();
  answer();
  ask(20);
  await turn();
  expect(batches.map(({ commands }) => commands.length)).toEqual([1, 20]);
  answer();
  ask(5);
  await turn();
  expect(batches).toHaveLength(2);
  await advance(9);
  expect(batches).toHaveLength(2);
  await advance(1);
  expect(batches.map(({ commands }) => commands.length)).toEqual([1, 20, 5]);
  answer();
  ask(20);
  await turn();
  answer();
  ask(127);
  await turn();
  expect(batches).toHaveLength(4);
  ask(1);
  await turn();
  expect(batches.map(({ commands }) => commands.length)).toEqual([1, 20, 5, 20, 128]);
});

test("a busy queue gathers no longer when its clock is set back", async () => {
  const { clock, advance } = clockByHand();
  const { queue, batches, answer } = queueByHand({ gathering: { ms: 10, clock } });
  for (let i = 0; i < 20; i++) void queue.run("checkWrites", { length: 0 });
  await turn();
  await advance(-60_000);
  answer();
  void queue.run("checkWrites", { length: 0 });
  await turn();
  expect(batches).toHaveLength(1);
  await advance(10);
  expect(batches).toHaveLength(2);
});

test("a command that cannot be copied to the writer fails alone, and its batch is committed without it", async () => {
  const { queue, batches, answer } = queueByHand({});
  const first = queue.run("checkWrites", { length: 1 });
  const unsendable = { length: 2, key: () => "a function" };
  const bad = queue.run("checkWrites", unsendable);
  const last = queue.run("checkWrites", { length: 3 });
  await expect(bad).rejects.toThrow(/could not be cloned/);
  await vi.waitUntil(() => batches.length === 1);
  expect(batches[0]?.commands.map(({ params }) => params)).toEqual([{ length: 1 }, { length: 3 }]);
  answer();
  expect(await Promise.all([first, last])).toEqual([0, 1]);
  await queue.drained();
});

test("a batch of nothing but commands that cannot be copied leaves the queue ready for the next", async () => {
  const { queue, batches, answer } = queueByHand({});
  const unsendable = { length: 0, key: Symbol("bad") };
  await expect(queue.run("checkWrites", unsendable)).rejects.toThrow(/could not be cloned/);
  const next = queue.run("checkWrites", { length: 0 });
  await vi.waitUntil(() => batches.length === 1);
  answer();
  await next;
  await queue.drained();
});

function accept(organizationId: string, messages: number, payloadLength = 2): AcceptMessages {
  const payload = "x".repeat(payloadLength);
  return {
    organizationId: organizationId as OrganizationId,
    messages: Array.from({ length: messages }, () => ({ payload }) as Message),
    idempotency: null,
    testOf: null,
  };
}

function organizationsIn(batch: Batch | undefined): string[] {
  return (batch?.commands ?? []).map(({ params }) => (params as { organizationId: string }).organizationId);
}

test("each commit has a turn for every organization, however much one of them publishes", async () => {
  const { queue, batches, answer } = queueByHand({});
  for (let i = 0; i < 5; i++) void queue.run("acceptMessages", accept("flood", limits.messagesPerCommitMax));
  for (let i = 0; i < 3; i++) void queue.run("acceptMessages", accept("neighbour", 1));
  await vi.waitUntil(() => batches.length === 1);
  expect(organizationsIn(batches[0])).toEqual(["flood", "neighbour", "neighbour", "neighbour"]);
  void queue.run("acceptMessages", accept("late", 1));
  answer();
  await vi.waitUntil(() => batches.length === 2);
  expect(organizationsIn(batches[1])).toEqual(["flood", "late"]);
});

test("a commit takes a bounded length of payloads, and one request of any length", async () => {
  const { queue, batches, answer } = queueByHand({});
  const half = limits.payloadLengthPerCommitMax / 2;
  void queue.run("acceptMessages", accept("a", 1, 3 * half));
  for (let i = 0; i < 3; i++) void queue.run("acceptMessages", accept("b", 1, half));
  await vi.waitUntil(() => batches.length === 1);
  expect(organizationsIn(batches[0])).toEqual(["a", "b", "b"]);
  answer();
  await vi.waitUntil(() => batches.length === 2);
  expect(organizationsIn(batches[1])).toEqual(["b"]);
});

test("after messages could not be stored, a readiness check writes as much as they may need until it succeeds", async () => {
  const { queue, batches, answer } = queueByHand({});
  const failed = queue.run("acceptMessages", accept("a", 1));
  const full = { ok: false as const, unavailable: true, error: new Error("database or disk is full") };
  await vi.waitUntil(() => batches.length === 1);
  answer({ results: [full] });
  await expect(failed).rejects.toThrow(StoreUnavailableError);
  const lengths: unknown[] = [];
  for (const results of [[full], [{ ok: true as const, value: null }], [{ ok: true as const, value: null }]]) {
    const ready = queue.checkReady().then(
      () => true,
      () => false,
    );
    const seen = batches.length;
    await vi.waitUntil(() => batches.length > seen);
    lengths.push(batches.at(-1)?.commands[0]?.params);
    answer({ results });
    expect(await ready).toBe(results[0]?.ok);
  }
  expect(lengths).toEqual([limits.requestBodyBytesMax, limits.requestBodyBytesMax, 0].map((length) => ({ length })));
});
