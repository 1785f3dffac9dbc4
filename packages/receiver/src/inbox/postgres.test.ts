import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestDatabases } from "../../../server/src/store/postgres/fixtures/test-databases.ts";
import { inboxPromises } from "../promises/inbox-promises.ts";
import { postgresInbox, postgresInboxSchema } from "./postgres.ts";

let databases: TestDatabases;
let pool: pg.Pool;

beforeAll(async () => {
  databases = await TestDatabases.start();
  pool = new pg.Pool({ connectionString: await databases.fresh() });
  await pool.query(postgresInboxSchema);
});

afterAll(async () => {
  await pool?.end();
  await databases?.[Symbol.asyncDispose]();
});

describe("an inbox in PostgreSQL", () => {
  let scopes = 0;
  inboxPromises(async (options) => postgresInbox(pool, { ...options, scope: `scope ${scopes++}` }));

  test("the table may be made again and by many at once", async () => {
    await pool.query("drop table weft_inbox");
    await Promise.all(Array.from({ length: 8 }, () => pool.query(postgresInboxSchema)));
    expect(await postgresInbox(pool).countHeld(10)).toBe(0);
  });

  test("without a clock of its own, the database's tells when a lease ends", async () => {
    const store = postgresInbox(pool, { scope: "clock" });
    await store.accept({ messageId: "msg_1", timestamp: new Date(0), text: "{}", key: null });
    const take = () => store.take({ countMax: 1, leaseMs: 60_000 });
    expect(await take()).toHaveLength(1);
    expect(await take()).toEqual([]);
    await pool.query("update weft_inbox set due_ms = due_ms - 60000 where scope = 'clock'");
    expect(await take()).toHaveLength(1);
  });
});
