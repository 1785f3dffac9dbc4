import { afterAll, beforeAll, expect, test } from "vitest";
import { StoreUnavailableError } from "../../domain/errors.ts";
import type { MessageId } from "../../domain/id.ts";
import { machineClock } from "../fixtures/machine-clock.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";
import { CommitCutter } from "./fixtures/commit-cutter.ts";
import { PostgresServer } from "./fixtures/postgres-server.ts";
import { openPostgresStore, type PostgresStore } from "./postgres-store.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start({ isDurable: true });
});
afterAll(() => server[Symbol.asyncDispose]());

function openAt(url: string): Promise<PostgresStore> {
  return openPostgresStore(
    {
      url,
      masterKey: "key",
      retentionMs: 86_400_000,
      connectionsMax: 2,
      preparesStatements: true,
    },
    machineClock,
  );
}

/** A node behind a cutter, another with direct access to the same database, and a subscription. */
async function twoNodes() {
  await using made = new AsyncDisposableStack();
  const name = await server.database();
  const cutter = made.use(await CommitCutter.start(server.port));
  const world = made.use(await World.open(() => openAt(server.url(name, cutter.port))));
  const other = made.use(await openAt(server.url(name)));
  await world.subscribe();
  const engine = new NotingEngine(await world.node(), 100);
  world.store.handOverTo(engine);
  await world.accept();
  engine.taken.length = 0;
  const resources = made.move();
  const { organizationId } = world;

  /** Starts to accept one message; the test awaits its result. */
  function publish(): { readonly id: MessageId; readonly response: Promise<unknown> } {
    const message = world.message();
    const response = world.store.acceptMessages({
      organizationId,
      messages: [message],
      idempotency: null,
      testOf: null,
    });
    response.catch(() => {});
    return { id: message.id, response };
  }
  /** Returns how many messages are stored; zero while the database restarts. */
  function publishElsewhere(): Promise<number> {
    const messages = [world.message()];
    return other.acceptMessages({ organizationId, messages, idempotency: null, testOf: null }).then(
      () => 1,
      () => 0,
    );
  }
  return {
    cutter,
    engine,
    world,
    publish,
    publishElsewhere,
    isStored: async (messageId: MessageId) => (await other.readMessage({ organizationId, messageId })) !== null,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

test("a commit whose response was lost counts as accepted, and its deliveries are sent", async () => {
  await using it = await twoNodes();
  const cut = it.cutter.next("answer");
  const { id, response } = it.publish();
  await cut;
  it.cutter.open();
  await expect(response).resolves.toMatchObject({ kind: "accepted", messages: [{ id, duplicate: false }] });
  expect(it.engine.takenMessages).toEqual([id]);
  expect(await it.isStored(id)).toBe(true);
});

test("a commit that never reached the database is refused, and nothing of it is stored or delivered", async () => {
  await using it = await twoNodes();
  const cut = it.cutter.next("commit");
  const { id, response } = it.publish();
  await cut;
  it.cutter.open();
  await expect(response).rejects.toThrow(StoreUnavailableError);
  expect(it.engine.taken).toEqual([]);
  expect(await it.isStored(id)).toBe(false);
});

test("a commit that never reached the database is refused even if the database crashed and reused its number", async () => {
  await using it = await twoNodes();
  const cut = it.cutter.next("commit, unheard");
  const { id, response } = it.publish();
  await cut;
  await server.down("immediate");
  await server.up();
  // The server no longer knows that it assigned a number to the lost transaction: one of these gets it.
  for (let stored = 0; stored < 20; ) stored += await it.publishElsewhere();
  it.cutter.open();
  await expect(response).rejects.toThrow(StoreUnavailableError);
  expect(it.engine.taken).toEqual([]);
  expect(await it.isStored(id)).toBe(false);
});

test("messages that a node accepts after a lost commit are stored and kept apart from it", async () => {
  await using it = await twoNodes();
  for (const kind of ["commit", "answer", "answer", "commit"] as const) {
    const cut = it.cutter.next(kind);
    const { id, response } = it.publish();
    await cut;
    it.cutter.open();
    const isAccepted = await response.then(
      () => true,
      () => false,
    );
    expect(isAccepted, kind).toBe(kind === "answer");
    expect(await it.isStored(id)).toBe(isAccepted);
    const later = it.publish();
    await expect(later.response).resolves.toMatchObject({ kind: "accepted" });
    expect(await it.isStored(later.id)).toBe(true);
  }
});
