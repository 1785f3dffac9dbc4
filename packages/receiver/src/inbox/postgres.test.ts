import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestDatabases } from "../../../server/src/store/postgres/fixtures/test-databases.ts";
import { eventually } from "../promises/eventually.ts";
import { inboxPromises } from "../promises/inbox-promises.ts";
import { postgresInbox, postgresInboxSchema } from "./postgres.ts";

const databases = new TestDatabases();
let pool: pg.Pool;

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await databases.empty() });
  await pool.query(postgresInboxSchema);
});

afterAll(async () => {
  await pool?.end();
  await databases[Symbol.asyncDispose]();
});

describe("an inbox in PostgreSQL", () => {
  let scopes = 0;
  inboxPromises(async (options) => postgresInbox(pool, { ...options, scope: `scope ${scopes++}` }));

  test("the schema may be applied again, even concurrently", async () => {
    await pool.query("drop table weft_inbox");
    await Promise.all(Array.from({ length: 8 }, () => pool.query(postgresInboxSchema)));
    expect(await postgresInbox(pool).countHeld(10)).toBe(0);
  });

  test("without an own clock, the database's clock decides when a lease ends", async () => {
    const store = postgresInbox(pool, { scope: "clock" });
    await store.accept({ messageId: "msg_1", timestamp: new Date(0), text: "{}", key: null });
    const take = () => store.take({ countMax: 1, leaseMs: 60_000 });
    expect(await take()).toHaveLength(1);
    expect(await take()).toEqual([]);
    await pool.query("update weft_inbox set due_ms = due_ms - 60000 where scope = 'clock'");
    expect(await take()).toHaveLength(1);
  });

  test("concurrent takes never get two messages of a key: the later one gets nothing, and then the next", async () => {
    const message = (messageId: string) => ({ messageId, timestamp: new Date(0), text: "{}", key: "k" });
    const store = postgresInbox(pool, { scope: "unseen" });
    await using storing = await transaction();
    await using taking = await transaction();
    // The older message becomes visible only when the younger one has been taken, which is not visible yet.
    await postgresInbox(storing.client, { scope: "unseen" }).accept(message("older"));
    await store.accept(message("younger"));
    const [younger] = await postgresInbox(taking.client, { scope: "unseen" }).take({ countMax: 1, leaseMs: 60_000 });
    await storing.client.query("commit");
    let isTaken = false;
    const take = store.take({ countMax: 1, leaseMs: 60_000 }).finally(() => {
      isTaken = true;
    });
    const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%weft_inbox%'";
    await eventually(async () => expect(isTaken || (await pool.query(waiting)).rows.length > 0).toBe(true));
    await taking.client.query("commit");
    expect(await take).toEqual([]);
    if (younger === undefined) throw new Error("Nothing was taken.");
    await store.finish(younger, 1000);
    // PostgreSQL reports the conflict of the later take before it releases that take's row locks, which a take skips.
    await eventually(async () => {
      expect(await store.take({ countMax: 1, leaseMs: 60_000 })).toMatchObject([{ messageId: "older" }]);
    });
  });
});

/** A client in a transaction. */
async function transaction(): Promise<{ client: pg.PoolClient } & AsyncDisposable> {
  const client = await pool.connect();
  await client.query("begin");
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.query("rollback");
      client.release();
    },
  };
}
