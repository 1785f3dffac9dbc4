import { expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { OutcomeUnknownError } from "../../domain/errors.ts";
import { machineClock } from "../fixtures/machine-clock.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";
import { CommitCutter } from "./fixtures/commit-cutter.ts";
import { PostgresServer } from "./fixtures/postgres-server.ts";
import { openPostgresStore } from "./postgres-store.ts";

/** A primary, a synchronous standby, and a node that reaches the primary on `port`. */
async function nodeOn(parts: { primary: PostgresServer; standby: PostgresServer; name: string; port: number }) {
  const url = `postgres://weft@127.0.0.1:${parts.port},127.0.0.1:${parts.standby.port}/${parts.name}`;
  const settings = { url, masterKey: "key", retentionMs: 86_400_000, connectionsMax: 2, preparesStatements: true };
  const world = await World.open(() => openPostgresStore(settings, machineClock));
  await world.subscribe();
  const engine = new NotingEngine(await world.node(), 100);
  world.store.handOverTo(engine);
  await world.accept();
  engine.taken.length = 0;
  return { world, engine };
}

test.each(["answer", "commit"] as const)(
  "when the primary is lost after a commit whose %s was lost, the new primary decides whether the message was accepted",
  async (cutOf) => {
    await using primary = await PostgresServer.start({ isDurable: true });
    const name = await primary.database();
    await using standby = await primary.standby();
    await primary.synchronize(true);
    await using cutter = await CommitCutter.start(primary.port);
    const { world, engine } = await nodeOn({ primary, standby, name, port: cutter.port });
    await using store = world.store;
    const { organizationId } = world;
    const cut = cutter.next(cutOf);
    const message = world.message();
    const response = store.acceptMessages({ organizationId, messages: [message], idempotency: null, testOf: null });
    response.catch(() => {});
    await cut;
    await primary.down("killed");
    await standby.promote();
    const outcome = await response.then(
      () => "accepted",
      (error) => (error instanceof OutcomeUnknownError ? "unknown" : "refused"),
    );
    const later = await until("the new primary accepts", () => world.accept().catch(() => null));
    const isStored = (await store.readMessage({ organizationId, messageId: message.id })) !== null;
    expect(isStored).toBe(cutOf === "answer");
    // The node may need more time for the look-up than the caller waits.
    expect([isStored ? "accepted" : "refused", "unknown"]).toContain(outcome);
    expect(engine.takenMessages).toEqual(isStored ? [message.id, later.id] : [later.id]);
  },
);

test("a commit that only the lost primary had is not reported as accepted", async () => {
  await using primary = await PostgresServer.start({ isDurable: true });
  const name = await primary.database();
  await using replication = await CommitCutter.start(primary.port);
  await using standby = await primary.standby({ primaryPort: replication.port });
  await primary.synchronize(true);
  const { world, engine } = await nodeOn({ primary, standby, name, port: primary.port });
  await using store = world.store;
  const { organizationId } = world;
  replication.block();
  const message = world.message();
  const response = store.acceptMessages({ organizationId, messages: [message], idempotency: null, testOf: null });
  response.catch(() => {});
  const waiting = "select pid from pg_stat_activity where wait_event = 'SyncRep' and application_name = 'weft'";
  await until("the commit waits for the standby", async () => (await primary.query(waiting)).length > 0);
  // The primary ends the wait, and the commit with it, as in a shutdown: the row becomes visible there.
  await primary.query(`select pg_terminate_backend(pid) from (${waiting}) as commits`);
  const stored = `select 1 from weft.message where id = '${message.id}'`;
  await until("the primary has it", async () => (await primary.query(stored, name)).length > 0);
  await expect(response).rejects.toThrow(OutcomeUnknownError);
  await primary.down("killed");
  await standby.promote();
  const later = await until("the new primary accepts", () => world.accept().catch(() => null));
  expect(await store.readMessage({ organizationId, messageId: later.id })).not.toBeNull();
  expect(await store.readMessage({ organizationId, messageId: message.id })).toBeNull();
  expect(engine.takenMessages).toEqual([later.id]);
});
