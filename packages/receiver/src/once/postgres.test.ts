import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestDatabases } from "../../../server/src/store/postgres/fixtures/test-databases.ts";
import { oncePromises } from "../promises/once-promises.ts";
import { once } from "./once.ts";
import { postgresOnce, postgresOnceSchema } from "./postgres.ts";

const databases = new TestDatabases();
let pool: pg.Pool;

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await databases.empty() });
  await pool.query(postgresOnceSchema);
  await pool.query("create table books (title text)");
});

afterAll(async () => {
  await pool?.end();
  await databases[Symbol.asyncDispose]();
});

async function countBooks(title: string): Promise<number> {
  return Number((await pool.query("select count(*) as n from books where title = $1", [title])).rows[0].n);
}

/** A handler that works and remembers the id in one transaction; `end` commits it or rolls it back. */
async function addBookOnce(title: string, end: "commit" | "rollback") {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const add = () => client.query("insert into books values ($1)", [title]);
    const { state } = await once(title, add, postgresOnce(client));
    await client.query(end);
    return state;
  } finally {
    client.release();
  }
}

describe("a store for once in PostgreSQL", () => {
  let scopes = 0;
  oncePromises(async (options) => postgresOnce(pool, { ...options, scope: `scope ${scopes++}` }));

  test("the schema may be applied again, even concurrently", async () => {
    await pool.query("drop table weft_once");
    await Promise.all(Array.from({ length: 8 }, () => pool.query(postgresOnceSchema)));
    expect((await once("msg_1", () => {}, postgresOnce(pool))).state).toBe("ran");
  });

  test("without an own clock, the database's clock decides when a lease ends", async () => {
    const store = postgresOnce(pool, { scope: "clock", leaseMs: 30_000 });
    await store.begin("msg_1");
    const held = await once("msg_1", () => {}, store);
    expect(held).toEqual({
      state: "in_progress",
      retryAfterSeconds: expect.toSatisfy((left) => left > 0 && left <= 30),
    });
    await pool.query("update weft_once set until_ms = until_ms - 30000 where scope = 'clock'");
    expect((await once("msg_1", () => {}, store)).state).toBe("ran");
  });

  test("within a transaction, concurrent deliveries do the work once, and the others see that it is done", async () => {
    const states = await Promise.all(Array.from({ length: 8 }, () => addBookOnce("Momo", "commit")));
    expect(states.filter((state) => state === "ran")).toHaveLength(1);
    expect(states.filter((state) => state === "duplicate")).toHaveLength(7);
    expect(await countBooks("Momo")).toBe(1);
  });

  test("a transaction that is rolled back has neither done the work nor remembered the id", async () => {
    expect(await addBookOnce("Krabat", "rollback")).toBe("ran");
    expect(await countBooks("Krabat")).toBe(0);
    expect(await addBookOnce("Krabat", "commit")).toBe("ran");
    expect(await countBooks("Krabat")).toBe(1);
  });

  test("the error of work that failed within a transaction is thrown, not that of the record", async () => {
    const client = await pool.connect();
    await client.query("begin");
    const failing = () => client.query("insert into nowhere values (1)");
    await expect(once("msg_9", failing, postgresOnce(client))).rejects.toThrow('relation "nowhere" does not exist');
    await client.query("rollback");
    client.release();
    expect((await once("msg_9", () => {}, postgresOnce(pool))).state).toBe("ran");
  });

  test("expired ids are deleted from the table", async () => {
    let nowMs = 0;
    const store = postgresOnce(pool, { scope: "old", keepMs: 1000, now: () => new Date(nowMs) });
    for (let number = 0; number < 20; number++) await once(`msg_${number}`, () => {}, store);
    nowMs = 1000;
    await once("msg_new", () => {}, store);
    expect((await pool.query("select id from weft_once where scope = 'old'")).rows).toEqual([{ id: "msg_new" }]);
  });
});
