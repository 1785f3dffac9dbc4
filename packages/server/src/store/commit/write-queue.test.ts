import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import type { Clock } from "../../domain/clock.ts";
import type { ClaimedDelivery } from "../../domain/delivery.ts";
import { StoreUnavailableError } from "../../domain/errors.ts";
import type { MessageId, NodeId, OrganizationId, SubscriptionId, SyncJobId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { AcceptMessages } from "../messages/interface.ts";
import { type Batch, type BatchResponse, noEffects } from "./batch.ts";
import { type Committing, WriteQueue } from "./write-queue.ts";

const lane = "lane" as SubscriptionId;
const other = "other" as SubscriptionId;
const full = "full" as OrganizationId;

/** A queue whose commits and syncs the test completes. */
function queueByHand({ syncs = false, gathering = null }: { syncs?: boolean; gathering?: Committing["gathering"] }) {
  const batches: Batch[] = [];
  const committed: number[] = [];
  const waits: PromiseWithResolvers<void>[] = [];
  const taken: string[] = [];
  const queue = new WriteQueue({
    commit: (batch) => {
      // Acts like a message to a thread: some values cannot be copied.
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
    onCommitted: (commands) => void committed.push(commands),
    gathering,
  });
  queue.handOverTo({
    nodeId: "node" as NodeId,
    room: () => ({ deliveries: 10, bytes: 100 }),
    backloggedLanes: () => [lane],
    fullOrganizations: () => [full],
    take: (deliveries) => taken.push(...deliveries.map((delivery) => delivery.messageId)),
  });
  function response(changes: Partial<BatchResponse> = {}): void {
    const results = (batches.at(-1)?.commands ?? []).map((_, index) => ({ ok: true as const, value: index }));
    queue.committed({ results, ...noEffects, ...changes });
  }
  return { queue, batches, waits, taken, committed, response };
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
    dueAt: 0,
    traceContext: null,
  };
}

/** The outcome of a promise so far. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  await turn();
  return Promise.race([promise, Promise.resolve("waiting")]);
}

test("no command is confirmed and no delivery handed over before the disk has the batch; the next batch is committed meanwhile", async () => {
  const { queue, batches, waits, taken, response } = queueByHand({ syncs: true });
  const first = queue.run("checkWrites", { length: 0 });
  await turn();
  response({ claimed: [claimed("m1")] });
  const second = queue.run("checkWrites", { length: 0 });
  await turn();
  expect(batches).toHaveLength(2);
  expect([await stateOf(first), taken]).toEqual(["waiting", []]);
  response({ claimed: [claimed("m2")] });
  waits[0]?.resolve();
  expect([await stateOf(first), taken]).toEqual([0, ["m1"]]);
  // This batch was committed while the disk was syncing, so that sync may not have covered it.
  expect(await stateOf(second)).toBe("waiting");
  waits[1]?.resolve();
  expect([await stateOf(second), taken]).toEqual([0, ["m1", "m2"]]);
});

test("a batch that waits for the disk already counts: its room is used, and its lanes are open or closed as it left them", async () => {
  const { queue, batches, response } = queueByHand({ syncs: true });
  void queue.run("checkWrites", { length: 0 });
  await turn();
  expect(batches[0]?.room).toEqual({
    nodeId: "node",
    deliveries: 10,
    bytes: 100,
    backloggedLanes: [lane],
    fullOrganizations: [full],
  });
  response({ claimed: [claimed("m1"), claimed("m2")], drained: [lane], backlogged: [other] });
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

test("after a failed sync of the disk no command is confirmed, neither then nor later", async () => {
  const { queue, waits, taken, response } = queueByHand({ syncs: true });
  const first = queue.run("checkWrites", { length: 0 });
  await turn();
  response({ claimed: [claimed("m1")] });
  waits[0]?.reject(new Error("EIO"));
  await expect(first).rejects.toThrow(StoreUnavailableError);
  await expect(queue.run("checkWrites", { length: 0 })).rejects.toThrow(/EIO/);
  expect(taken).toEqual([]);
  expect((await queue.failed).message).toBe("EIO");
  // Nothing is pending, so a stop does not wait forever.
  await queue.drained();
});

test("the queue is drained when every requested command has a result", async () => {
  const { queue, waits, response } = queueByHand({ syncs: true });
  await queue.drained();
  const waiting = queue.run("checkWrites", { length: 0 });
  const drained = queue.drained().then(() => "drained");
  await turn();
  response();
  expect(await stateOf(drained)).toBe("waiting");
  waits[0]?.resolve();
  await waiting;
  expect(await drained).toBe("drained");
});

test("while the fate of a commit is unknown no caller waits, and its deliveries are handed over when it is known", async () => {
  const { queue, batches, taken, response } = queueByHand({});
  const first = queue.run("checkWrites", { length: 0 });
  await turn();
  const behind = queue.run("checkWrites", { length: 0 });
  queue.stall(new StoreUnavailableError("no answer"));
  await expect(first).rejects.toThrow(StoreUnavailableError);
  await expect(behind).rejects.toThrow(/no answer/);
  await expect(queue.run("checkWrites", { length: 0 })).rejects.toThrow(StoreUnavailableError);
  response({ claimed: [claimed("m1")] });
  expect(taken).toEqual(["m1"]);
  const after = queue.run("checkWrites", { length: 0 });
  await turn();
  expect(batches).toHaveLength(2);
  response();
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

test("a busy queue gathers commands for a while, or until it has enough, and a queue that is not busy never waits", async () => {
  const { clock, advance } = clockByHand();
  const { queue, batches, response } = queueByHand({ gathering: { ms: 10, clock } });
  const request = (count: number) => {
    for (let i = 0; i < count; i++) void queue.run("checkWrites", { length: 0 });
  };
  request(1);
  await turn();
  response();
  request(20);
  await turn();
  expect(batches.map(({ commands }) => commands.length)).toEqual([1, 20]);
  response();
  request(5);
  await turn();
  expect(batches).toHaveLength(2);
  await advance(9);
  expect(batches).toHaveLength(2);
  await advance(1);
  expect(batches.map(({ commands }) => commands.length)).toEqual([1, 20, 5]);
  response();
  request(20);
  await turn();
  response();
  request(127);
  await turn();
  expect(batches).toHaveLength(4);
  request(1);
  await turn();
  expect(batches.map(({ commands }) => commands.length)).toEqual([1, 20, 5, 20, 128]);
});

test("a busy queue does not gather longer when its clock is set back", async () => {
  const { clock, advance } = clockByHand();
  const { queue, batches, response } = queueByHand({ gathering: { ms: 10, clock } });
  for (let i = 0; i < 20; i++) void queue.run("checkWrites", { length: 0 });
  await turn();
  await advance(-60_000);
  response();
  void queue.run("checkWrites", { length: 0 });
  await turn();
  expect(batches).toHaveLength(1);
  await advance(10);
  expect(batches).toHaveLength(2);
});

test("a command that cannot be copied to the writer fails alone, and its batch is committed without it", async () => {
  const { queue, batches, response } = queueByHand({});
  const first = queue.run("checkWrites", { length: 1 });
  const unsendable = { length: 2, key: () => "a function" };
  const bad = queue.run("checkWrites", unsendable);
  const last = queue.run("checkWrites", { length: 3 });
  await expect(bad).rejects.toThrow(/could not be cloned/);
  await vi.waitUntil(() => batches.length === 1);
  expect(batches[0]?.commands.map(({ params }) => params)).toEqual([{ length: 1 }, { length: 3 }]);
  response();
  expect(await Promise.all([first, last])).toEqual([0, 1]);
  await queue.drained();
});

test("a batch that contains only commands that cannot be copied leaves the queue ready for the next batch", async () => {
  const { queue, batches, response } = queueByHand({});
  const unsendable = { length: 0, key: Symbol("bad") };
  await expect(queue.run("checkWrites", unsendable)).rejects.toThrow(/could not be cloned/);
  const next = queue.run("checkWrites", { length: 0 });
  await vi.waitUntil(() => batches.length === 1);
  response();
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

test("each commit takes requests of every organization, however much one of them publishes", async () => {
  const { queue, batches, response } = queueByHand({});
  for (let i = 0; i < 5; i++) void queue.run("acceptMessages", accept("flood", limits.messagesPerCommitMax));
  for (let i = 0; i < 3; i++) void queue.run("acceptMessages", accept("neighbour", 1));
  await vi.waitUntil(() => batches.length === 1);
  expect(organizationsIn(batches[0])).toEqual(["flood", "neighbour", "neighbour", "neighbour"]);
  void queue.run("acceptMessages", accept("late", 1));
  response();
  await vi.waitUntil(() => batches.length === 2);
  expect(organizationsIn(batches[1])).toEqual(["flood", "late"]);
});

test("a commit takes payloads up to a bounded total length, and always at least one request", async () => {
  const { queue, batches, response } = queueByHand({});
  const half = limits.payloadLengthPerCommitMax / 2;
  void queue.run("acceptMessages", accept("a", 1, 3 * half));
  for (let i = 0; i < 3; i++) void queue.run("acceptMessages", accept("b", 1, half));
  await vi.waitUntil(() => batches.length === 1);
  expect(organizationsIn(batches[0])).toEqual(["a", "b", "b"]);
  response();
  await vi.waitUntil(() => batches.length === 2);
  expect(organizationsIn(batches[1])).toEqual(["b"]);
});

test("after messages could not be stored, a readiness check writes as much as the largest request until it succeeds", async () => {
  const { queue, batches, response } = queueByHand({});
  const failed = queue.run("acceptMessages", accept("a", 1));
  const full = { ok: false as const, unavailable: true, error: new Error("database or disk is full") };
  await vi.waitUntil(() => batches.length === 1);
  response({ results: [full] });
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
    response({ results });
    expect(await ready).toBe(results[0]?.ok);
  }
  expect(lengths).toEqual([limits.requestBodyBytesMax, limits.requestBodyBytesMax, 0].map((length) => ({ length })));
});

test("each commit is reported with the number of its commands, after the disk has it", async () => {
  const { queue, waits, committed, response } = queueByHand({ syncs: true });
  void queue.run("checkWrites", { length: 0 });
  void queue.run("checkWrites", { length: 0 });
  await turn();
  response();
  await turn();
  expect(committed).toEqual([]);
  waits[0]?.resolve();
  await turn();
  expect(committed).toEqual([2]);
});

test("a commit has at most one batch of entities, and other commands do not wait for further ones", async () => {
  const { queue, batches, response } = queueByHand({});
  void queue.run("checkWrites", { length: 0 });
  await turn();
  const batch = { jobId: "job" as SyncJobId, entities: [], gone: [], failed: [], cursor: null, now: 0 };
  for (let count = 0; count < 3; count++) void queue.run("storeEntities", batch);
  const unseen = { seenBy: [], idPrefix: "", after: null, limit: 1, deletedMax: 1 };
  void queue.run("deleteUnseenEntities", { jobId: "job" as SyncJobId, ...unseen });
  void queue.run("checkWrites", { length: 1 });
  response();
  await turn();
  expect(batches.at(-1)?.commands.map(({ name }) => name)).toEqual(["storeEntities", "checkWrites"]);
  const names: string[] = [];
  for (let count = 0; count < 3; count++) {
    response();
    await turn();
    names.push(...(batches.at(-1)?.commands ?? []).map(({ name }) => name));
  }
  expect(names).toEqual(["storeEntities", "storeEntities", "deleteUnseenEntities"]);
});
