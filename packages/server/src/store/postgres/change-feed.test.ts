import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { StoreUnavailableError } from "../../domain/errors.ts";
import type { SubscriptionId } from "../../domain/id.ts";
import { machineClock } from "../fixtures/machine-clock.ts";
import { World } from "../fixtures/samples.ts";
import { ChangeFeed } from "./change-feed.ts";
import { PostgresDatabase } from "./database.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { openPostgresStore } from "./postgres-store.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

/** A connection to the database that a test can close. */
class ClosableDatabase extends PostgresDatabase {
  isClosed = false;
  refusals = 0;

  override client(): Promise<never> {
    return Promise.reject(new StoreUnavailableError("This database cannot listen."));
  }

  override async read<Result>(body: Parameters<PostgresDatabase["read"]>[0]): Promise<Result> {
    if (!this.isClosed) return (await super.read(body)) as Result;
    this.refusals += 1;
    throw new StoreUnavailableError("The connection is closed.");
  }
}

test("changes during a lost connection are reported when it returns, however long it was lost", async () => {
  const url = await databases.fresh();
  await using world = await World.open(() =>
    openPostgresStore(
      { url, masterKey: "key", retentionMs: 86_400_000, connectionsMax: 2, preparesStatements: true },
      machineClock,
    ),
  );
  const subscription = await world.subscribe();
  const database = new ClosableDatabase({ url, connectionsMax: 1, preparesStatements: true });
  const reported: SubscriptionId[] = [];
  // The feed gets no notification. Only the time of its last look determines how far it looks back.
  const feed = new ChangeFeed({
    database,
    clock: machineClock,
    onChange: (id) => reported.push(id),
    rhythm: { lookEveryMs: 5, overlapMs: 0 },
  });
  await feed.start();
  database.isClosed = true;
  await until("a look has failed", () => database.refusals > 0);
  const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
  await world.store.updateSubscription({
    ...key,
    changes: { description: "changed" },
    now: world.now,
    operationalEventIds: world.operationalEventIds,
  });
  const refusals = database.refusals;
  await until("several more have failed", () => database.refusals > refusals + 10);
  expect(reported).toEqual([]);
  database.isClosed = false;
  await until("it is reported", () => reported.length > 0);
  expect(reported).toEqual([subscription.id]);
  await feed.close();
  await database.close();
});

test("a feed that is closed while it connects leaves no connection behind", async () => {
  const url = new URL(await databases.fresh());
  await using _schema = await World.open(() =>
    openPostgresStore(
      {
        url: url.href,
        masterKey: "key",
        retentionMs: 86_400_000,
        connectionsMax: 2,
        preparesStatements: true,
      },
      machineClock,
    ),
  );
  const waiting: Socket[] = [];
  const gate = createServer((client) => void waiting.push(client)).listen(0, "127.0.0.1");
  await once(gate, "listening");
  const way = new URL(url);
  way.port = String((gate.address() as AddressInfo).port);
  const own = new PostgresDatabase({ url: url.href, connectionsMax: 1, preparesStatements: true });
  const behindGate = new PostgresDatabase({ url: way.href, connectionsMax: 1, preparesStatements: true });
  const feed = new ChangeFeed({
    database: { read: (body) => own.read(body), client: (name) => behindGate.client(name) },
    clock: machineClock,
    onChange: () => {},
  });
  await feed.start();
  const client = await until("it connects", () => waiting[0]);
  await feed.close();
  const server = connect(Number(url.port || 5432), url.hostname);
  client.pipe(server).pipe(client);
  await until("the connection is gone", () => client.closed);
  await Promise.all([own.close(), behindGate.close()]);
  gate.close();
});
