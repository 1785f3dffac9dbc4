import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type MessageId, prefixed } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { machineClock } from "../../store/fixtures/machine-clock.ts";
import { t0, World } from "../../store/fixtures/samples.ts";
import { TestDatabases } from "../../store/postgres/fixtures/test-databases.ts";
import { openPostgresStore } from "../../store/postgres/postgres-store.ts";
import { openStoreWithoutThreads } from "../../store/sqlite/fixtures/store-without-threads.ts";
import type { Store } from "../../store/store.ts";
import type { EventDefinition } from "./event-definitions.ts";
import { EventPolls, type PollRequest } from "./event-polls.ts";
import type { AgentIdentity } from "./offered-events.ts";

const databases = new TestDatabases();
const folder = mkdtempSync(join(tmpdir(), "weft-polls-"));
let stores = 0;
afterAll(async () => {
  await databases[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function openSqlite(): Promise<Store> {
  stores += 1;
  return await openStoreWithoutThreads(join(folder, `${stores}.db`), t0);
}

async function openPostgres(): Promise<Store> {
  const url = await databases.fresh();
  const settings = { url, masterKey: "key", retentionMs: 86_400_000, connectionsMax: 2, preparesStatements: true };
  return await openPostgresStore(settings, machineClock);
}

const scalar = { type: "integer" };
const definition: EventDefinition = {
  ...{ name: "sync.completed", description: "", delivery: ["webhook", "poll"], payloadSchema: {} },
  inputSchema: { type: "object", properties: { n: { anyOf: [scalar, { type: "array", items: scalar }] } } },
};

/** The polls of one agent, and the times at which payloads were examined. */
class Polling {
  readonly examined: number[] = [];
  /** Called before each payload is examined. */
  beforeExamined: () => void = () => {};
  readonly #world: World;
  readonly #polls: EventPolls;

  constructor(world: World) {
    this.#world = world;
    this.#polls = new EventPolls({
      store: world.store,
      events: { require: async () => definition },
      turn: (_, bytes) => {
        this.beforeExamined();
        this.examined.push(bytes);
        return null;
      },
      now: () => world.now,
    });
  }

  async poll(cursor: string | null, more: Partial<PollRequest> = {}) {
    const { organizationId } = this.#world;
    const agent: AgentIdentity = {
      ...{ organizationId, principal: "agent", keyId: null, expiresAt: null, featureFlags: null },
    };
    const polled = await this.#polls.poll(agent, {
      ...{ name: "sync.completed", arguments: {}, cursor, maxAgeMs: null, maxEvents: 50, ...more },
    });
    return { ...polled, ids: polled.events.map((text) => (JSON.parse(text) as { eventId: string }).eventId) };
  }

  /** All events after a cursor, and the number of polls that returned them. */
  async drain(from: string, more: Partial<PollRequest> = {}) {
    const ids: string[] = [];
    let cursor = from;
    for (let polls = 1; ; polls++) {
      const polled = await this.poll(cursor, more);
      ids.push(...polled.ids);
      cursor = polled.cursor;
      if (!polled.hasMore) return { ids, polls, cursor };
    }
  }
}

function eventIds(messages: readonly { readonly id: MessageId }[]): string[] {
  return messages.map(({ id }) => prefixed("msg", id));
}

async function acceptTogether(world: World, messages: readonly Message[]): Promise<void> {
  const { organizationId } = world;
  await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
}

async function opened(open: () => Promise<Store>) {
  const world = await World.open(open);
  const polling = new Polling(world);
  const { cursor } = await polling.poll(null);
  return { world, polling, cursor };
}

describe.each([
  ["SQLite", openSqlite],
  ["PostgreSQL", openPostgres],
])("on %s", (_, open) => {
  test("a poll without a cursor returns no events, and the next one returns those since then, once", async () => {
    await using world = await World.open(open);
    const polling = new Polling(world);
    await world.accept();
    const first = await polling.poll(null);
    expect(first).toMatchObject({ events: [], truncated: false, hasMore: false });
    const payload = '{"n": 12345678901234567890, "n": 1.10}';
    const messages = [await world.accept({ payload }), await world.accept()];
    const second = await polling.poll(first.cursor);
    expect(second).toMatchObject({ ids: eventIds(messages), truncated: false, hasMore: false });
    expect(second.events[0]).toContain(
      `"name":"sync.completed","timestamp":"${new Date(t0).toISOString()}","data":${payload}}`,
    );
    expect(await polling.poll(second.cursor)).toMatchObject({ events: [], hasMore: false });
    // The same cursor returns the same events.
    expect((await polling.poll(first.cursor)).ids).toEqual(second.ids);
  });

  test("arguments select events by their payload, and other types, tests and deleted payloads are left out", async () => {
    const { world, polling, cursor } = await opened(open);
    await using _ = world;
    const { organizationId } = world;
    const tested = await world.subscribe();
    await world.accept({ eventType: "sync.failed" });
    await world.store.acceptMessages({
      ...{ organizationId, messages: [world.message()], idempotency: null, testOf: tested.id },
    });
    await world.accept({ payload: "n=1", contentType: "text/plain" });
    const deleted = await world.accept();
    await world.store.deletePayload({ organizationId, messageId: deleted.id, now: world.now });
    const unwanted = await world.accept({ payload: '{"n":3}' });
    const other = await world.addOrganization();
    await world.accept({ organizationId: other });
    const wanted = [await world.accept(), await world.accept({ payload: '{"n":2.0}' })];
    expect((await polling.poll(cursor, { arguments: { n: [1, 2] } })).ids).toEqual(eventIds(wanted));
    expect((await polling.poll(cursor, { arguments: { n: 4 } })).ids).toEqual([]);
    expect((await polling.poll(cursor)).ids).toEqual(eventIds([unwanted, ...wanted]));
  });

  test("a poll returns at most as many events as requested, and the next one continues within a commit", async () => {
    const { world, polling, cursor } = await opened(open);
    await using _ = world;
    const messages = Array.from({ length: 7 }, (_each, n) => world.message({ payload: `{"n":${n}}` }));
    await acceptTogether(world, messages);
    const later = [await world.accept(), await world.accept()];
    expect(await polling.poll(cursor, { maxEvents: 3 })).toMatchObject({ hasMore: true });
    expect(await polling.drain(cursor, { maxEvents: 3 })).toMatchObject({
      ids: eventIds([...messages, ...later]),
      polls: 3,
    });
    const odd = { arguments: { n: [1, 3, 5] }, maxEvents: 1 };
    expect((await polling.drain(cursor, odd)).ids).toEqual(
      eventIds([1, 3, 5].flatMap((n) => messages[n] ?? []).concat(later)),
    );
  });

  test("a message that is deleted between two polls loses none of the events after it", async () => {
    const { world, polling, cursor } = await opened(open);
    await using _ = world;
    const messages = Array.from({ length: 4 }, () => world.message());
    await acceptTogether(world, messages);
    const first = await polling.poll(cursor, { maxEvents: 2 });
    expect(first.ids).toEqual(eventIds(messages.slice(0, 2)));
    const [, second] = messages;
    const { organizationId } = world;
    await world.store.deletePayload({ organizationId, messageId: second?.id as MessageId, now: world.now });
    expect((await polling.drain(first.cursor)).ids).toEqual(eventIds(messages.slice(2)));
  });

  test("a poll ends before the event that would make it too large, and a large event comes alone", async () => {
    const { world, polling, cursor } = await opened(open);
    await using _ = world;
    const half = `{"text":"${"x".repeat(limits.mcpPollBytesMax / 2)}"}`;
    const whole = `{"text":"${"x".repeat(limits.mcpPollBytesMax)}"}`;
    const messages = [half, "{}", half, whole, "{}"].map((payload) => world.message({ payload }));
    await acceptTogether(world, messages);
    const sizes: number[] = [];
    let at = cursor;
    for (let hasMore = true; hasMore; ) {
      const polled = await polling.poll(at);
      sizes.push(polled.events.length);
      ({ cursor: at, hasMore } = polled);
    }
    expect(sizes).toEqual([2, 1, 1, 1]);
    expect((await polling.drain(cursor)).ids).toEqual(eventIds(messages));
  });

  test("a poll examines a bounded number of commits, of payload bytes, and for a bounded time", async () => {
    const { world, polling, cursor } = await opened(open);
    await using _ = world;
    const nothing = { arguments: { n: 0 } };
    const payload = `{"text":"${"x".repeat(limits.mcpPollExaminedBytesMax / 8)}"}`;
    for (let index = 0; index < 12; index++) await world.accept({ payload });
    const wanted = await world.accept({ payload: '{"n":0}' });
    const first = await polling.poll(cursor, nothing);
    expect(first).toMatchObject({ events: [], hasMore: true });
    expect(polling.examined.length).toBeLessThan(12);
    expect(await polling.drain(first.cursor, nothing)).toMatchObject({ ids: eventIds([wanted]), polls: 1 });

    const { cursor: later } = await polling.poll(null);
    for (let index = 0; index < limits.mcpPollEntriesMax + 5; index++) await world.accept({ eventType: "sync.failed" });
    const last = await world.accept({ payload: '{"n":0}' });
    expect(await polling.drain(later, nothing)).toMatchObject({ ids: eventIds([last]), polls: 2 });

    const { cursor: newest } = await polling.poll(null);
    for (let index = 0; index < limits.changeLogEntriesAtOnce + 1; index++) await world.accept();
    polling.beforeExamined = () => {
      world.now += limits.mcpPollMs;
    };
    expect(await polling.poll(newest)).toMatchObject({ hasMore: true });
  });

  test("events that are older than requested are left out, and the poll says so", async () => {
    const { world, polling, cursor } = await opened(open);
    await using _ = world;
    await world.accept();
    world.now += 10_000;
    const recent = await world.accept();
    expect(await polling.poll(cursor, { maxAgeMs: 10_000 })).toMatchObject({ truncated: false });
    const polled = await polling.poll(cursor, { maxAgeMs: 9_999 });
    expect(polled).toMatchObject({ ids: eventIds([recent]), truncated: true });
    expect(await polling.poll(polled.cursor, { maxAgeMs: 0 })).toMatchObject({ truncated: false });
  });

  test("a cursor that is no position of this log starts now, and the poll says that events may be missing", async () => {
    const { world, polling, cursor } = await opened(open);
    await using _ = world;
    await world.accept();
    for (const text of ["", "~", "nonsense", `x${cursor}`, `${cursor}é`]) {
      const lost = await polling.poll(text);
      expect(lost).toMatchObject({ events: [], truncated: true, hasMore: false });
      const next = await world.accept();
      expect((await polling.poll(lost.cursor)).ids).toEqual(eventIds([next]));
    }
    // The part after the position only skips events that were returned.
    expect((await polling.poll(`${cursor}~nonsense`)).ids).toHaveLength(6);
    expect((await polling.poll(`${cursor}~${world.newId<"message">()}`)).ids).toHaveLength(6);
  });
});
