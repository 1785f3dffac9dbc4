import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Archive } from "../archive/archive.ts";
import { type ArchiveStorage, ArchiveStorageError } from "../archive/archive-storage.ts";
import { archivedIn, filesIn } from "../archive/fixtures/read-archive.ts";
import { FolderStorage } from "../archive/folder-storage.ts";
import { ManualClock } from "../delivery/fixtures/manual-clock.ts";
import type { NodeId } from "../domain/id.ts";
import type { Message } from "../domain/message.ts";
import type { RetentionSettings } from "../domain/retention.ts";
import type { Reporter } from "../report/reporter.ts";
import { World } from "../store/fixtures/samples.ts";
import { anyMessage } from "../store/messages/interface.ts";
import { openStoreWithoutThreads } from "../store/sqlite/fixtures/store-without-threads.ts";
import { Expiry } from "./expiry.ts";

const day = 86_400_000;
const installation: RetentionSettings = { retentionMs: 90 * day, retentionEventTypes: new Map() };
const signal = new AbortController().signal;

class ExpiringWorld {
  readonly folder = mkdtempSync(join(tmpdir(), "weft-expiry-"));
  readonly archive = join(this.folder, "archive");
  readonly facts: Record<string, unknown>[] = [];
  readonly world: World;
  readonly nodeId: NodeId;

  private constructor(world: World, nodeId: NodeId) {
    this.world = world;
    this.nodeId = nodeId;
  }

  static async open(): Promise<ExpiringWorld> {
    const folder = mkdtempSync(join(tmpdir(), "weft-expiry-"));
    const world = await World.open(() => openStoreWithoutThreads(join(folder, "weft.db"), 0));
    const opened = new ExpiringWorld(world, await world.node(1_000 * day));
    mkdirSync(opened.archive);
    onTestFinished(async () => {
      await world[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
      rmSync(opened.folder, { recursive: true });
    });
    return opened;
  }

  /** Expires the messages that are due at the world's time. */
  async expire(
    storage: ArchiveStorage | null,
    { settings = installation, nodeId = this.nodeId }: { settings?: RetentionSettings; nodeId?: NodeId } = {},
  ): Promise<void> {
    const reporter = new Proxy({} as Reporter, {
      get: (_target, name) => (fact: object) => this.facts.push({ fact: name, ...fact }),
    });
    const { world } = this;
    const archive = storage === null ? null : new Archive(storage);
    const clock = new ManualClock(world.now);
    await new Expiry({ store: world.store, clock, reporter, nodeId, settings, archive }).run(signal);
  }

  async messages(organizationId = this.world.organizationId): Promise<readonly string[]> {
    const page = { limit: 250, cursor: null, ...anyMessage };
    const { items } = await this.world.store.listMessages({ organizationId, ...page, oldestFirst: true });
    return items.map(({ id }) => id);
  }
}

test("without own times, and without an archive, nothing is deleted here", async () => {
  const opened = await ExpiringWorld.open();
  const message = await opened.world.accept();
  opened.world.now += 200 * day;
  await opened.expire(null);
  expect(await opened.messages()).toEqual([message.id]);
});

test("messages are deleted by the time of their organization or event type, and others stay", async () => {
  const opened = await ExpiringWorld.open();
  const { world } = opened;
  const other = await world.addOrganization();
  await world.store.updateOrganization({
    organizationId: world.organizationId,
    changes: { retentionDays: 30, eventTypeRetentionDays: { "sync.failed": 2 } },
    now: world.now,
  });
  const settings = { ...installation, retentionEventTypes: new Map([["sync.running", 5 * day]]) };
  const types = ["sync.completed", "sync.failed", "sync.running"];
  const own: Message[] = [];
  const others: Message[] = [];
  for (const eventType of types) own.push(await world.accept({ eventType }));
  for (const eventType of types) others.push(await world.accept({ organizationId: other, eventType }));
  const ids = (messages: readonly Message[]) => messages.map(({ id }) => id);
  const after = async (days: number) => {
    world.now += days * day;
    await opened.expire(null, { settings });
    return [await opened.messages(), await opened.messages(other)];
  };
  const [completed, , running] = own as [Message, Message, Message];
  expect(await after(1)).toEqual([ids(own), ids(others)]);
  expect(await after(2)).toEqual([ids([completed, running]), ids(others)]);
  expect(await after(3)).toEqual([ids([completed]), ids(others.slice(0, 2))]);
  expect(await after(25)).toEqual([[], ids(others.slice(0, 2))]);
});

test("expired messages are archived with their deliveries and attempts, by organization and day, and then deleted", async () => {
  const opened = await ExpiringWorld.open();
  const { world, archive } = opened;
  const subscription = await world.subscribe();
  const payload = '{"n": 12345678901234567890,\n "n": 1,  "text": "ünï\\u0000"}';
  const first = await world.accept({ payload, channels: ["a"], tags: ["t"], eventId: "event-1" });
  await world.settleAll(subscription.id, { state: "delivered" });
  world.now += day;
  const second = await world.accept({ payload: "plain\ntext", contentType: "text/plain" });
  world.now += 90 * day + 1;
  const kept = await world.accept();
  await opened.expire(new FolderStorage(archive));
  expect(await opened.messages()).toEqual([kept.id]);

  const files = filesIn(archive);
  const { organizationId } = world;
  expect([...files.keys()].map((name) => name.replace(/-0-[0-9a-f]{16}\./, "-0-HASH."))).toEqual([
    `${organizationId}/2026/01/01/${first.id}-0-HASH.ndjson.gz`,
    `${organizationId}/2026/01/02/${second.id}-0-HASH.ndjson.gz`,
  ]);
  expect(archivedIn(files)).toEqual([
    expect.objectContaining({
      ...{ type: "message", id: first.id, organization_id: organizationId, event_id: "event-1", payload },
      ...{ event_type: "sync.completed", channels: ["a"], tags: ["t"], created_at: "2026-01-01T00:00:00.000Z" },
    }),
    { type: "delivery", message_id: first.id, subscription_id: subscription.id, state: "delivered", attempts: 1 },
    expect.objectContaining({
      ...{ type: "attempt", message_id: first.id, attempt_number: 1, succeeded: true, response_status: 200 },
    }),
    expect.objectContaining({ type: "message", id: second.id, payload: "plain\ntext", content_type: "text/plain" }),
    expect.objectContaining({ type: "delivery", message_id: second.id, state: "due", attempts: 0 }),
  ]);
  expect(opened.facts).toEqual(
    [1, 2].flatMap(() => [
      { fact: "messagesArchived", organizationId, messages: 1, files: 1, bytes: expect.any(Number) },
      { fact: "messagesExpired", organizationId, messages: 1 },
    ]),
  );
});

test("after any interruption, every message is in the archive or in the database, and the next run archives the rest", async () => {
  const opened = await ExpiringWorld.open();
  const { world, archive } = opened;
  const expected: string[] = [];
  for (let index = 0; index < 40; index++) {
    expected.push((await world.accept()).id);
    world.now += day / 4;
  }
  world.now += 90 * day;
  const folder = new FolderStorage(archive);
  for (let round = 0; round < 30 && (await opened.messages()).length > 0; round++) {
    // The storage fails before a write, after a write, or while the file is read back.
    const failing = new FailingStorage(folder, round % 3, 1 + (round % 2));
    await opened.expire(failing).catch((error: unknown) => expect(error).toBeInstanceOf(ArchiveStorageError));
    const archived = archivedIn(filesIn(archive)).map(({ id }) => id);
    expect([...new Set([...archived, ...(await opened.messages())])].sort()).toEqual(expected);
  }
  expect(await opened.messages()).toEqual([]);
  expect([...new Set(archivedIn(filesIn(archive)).map(({ id }) => id))].sort()).toEqual(expected);
  // A repetition writes the same file: none exists twice.
  expect(archivedIn(filesIn(archive))).toHaveLength(expected.length);
});

test("an unexpected error with one organization is reported, and the others expire", async () => {
  const opened = await ExpiringWorld.open();
  const { world, archive } = opened;
  const other = await world.addOrganization();
  await world.accept();
  await world.accept({ organizationId: other });
  world.now += 100 * day;
  const folder = new FolderStorage(archive);
  const storage: ArchiveStorage = {
    url: folder.url,
    read: (name, bytesMax) => folder.read(name, bytesMax),
    write: async (name, content) => {
      if (name.startsWith(world.organizationId)) throw new TypeError("unexpected");
      await folder.write(name, content);
    },
    [Symbol.asyncDispose]: async () => {},
  };
  await opened.expire(storage);
  expect(opened.facts).toContainEqual({
    fact: "internalOperationFailed",
    operation: `expire messages of organization ${world.organizationId}`,
    error: expect.any(TypeError),
  });
  expect(await opened.messages()).toHaveLength(1);
  expect(await opened.messages(other)).toEqual([]);
});

test("a node that is not the first expires nothing", async () => {
  const opened = await ExpiringWorld.open();
  const { world } = opened;
  await world.accept();
  world.now += 100 * day;
  const nodeId = await world.node();
  await opened.expire(new FolderStorage(opened.archive), { nodeId });
  expect(await opened.messages()).toHaveLength(1);
  expect(filesIn(opened.archive)).toEqual(new Map());
});

test("many messages become files of a bounded size, and each line is whole", async () => {
  const opened = await ExpiringWorld.open();
  const { world, archive } = opened;
  const noise = () => randomBytes(180_000).toString("base64");
  const expected = new Map<string, string>();
  for (let index = 0; index < 60; index++) {
    const payload = JSON.stringify({ noise: noise() });
    expected.set((await world.accept({ payload })).id, payload);
  }
  world.now += 100 * day;
  await opened.expire(new FolderStorage(archive));
  const files = filesIn(archive);
  expect(files.size).toBeGreaterThan(1);
  for (const content of files.values()) expect(content.length).toBeLessThan(9 * 1024 * 1024);
  expect(new Map(archivedIn(files).map(({ id, payload }) => [id, payload]))).toEqual(expected);
});

/** Fails at the write or read with a number: before it, or after it for writes. */
class FailingStorage implements ArchiveStorage {
  readonly url = "file:///failing";
  readonly #storage: ArchiveStorage;
  readonly #phase: number;
  #left: number;

  constructor(storage: ArchiveStorage, phase: number, left: number) {
    this.#storage = storage;
    this.#phase = phase;
    this.#left = left;
  }

  async write(name: string, content: Buffer): Promise<void> {
    this.#left -= 1;
    if (this.#phase === 0 && this.#left === 0) throw new ArchiveStorageError("before the write");
    await this.#storage.write(name, content);
    if (this.#phase === 1 && this.#left === 0) throw new ArchiveStorageError("after the write");
  }

  async read(name: string, bytesMax: number): Promise<Buffer> {
    if (this.#phase === 2 && this.#left === 0) throw new ArchiveStorageError("before the read");
    return await this.#storage.read(name, bytesMax);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
