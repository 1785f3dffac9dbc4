import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { oncePromises } from "../promises/once-promises.ts";
import { once } from "./once.ts";
import { sqliteOnce } from "./sqlite.ts";

describe("a store for once in SQLite", () => {
  oncePromises(async (options) => sqliteOnce(new DatabaseSync(":memory:"), options));

  function openBooks() {
    const database = new DatabaseSync(":memory:");
    database.exec("create table books (title text)");
    const store = sqliteOnce(database);
    const insert = (title: string) => void database.prepare("insert into books values (?)").run(title);
    return { database, store, insert, count: () => database.prepare("select count(*) as n from books").get()?.n };
  }

  test("a second store on the same database remembers the id, and another scope does not", async () => {
    const { database, store } = openBooks();
    await once("msg_1", () => {}, store);
    expect((await once("msg_1", () => {}, sqliteOnce(database))).state).toBe("duplicate");
    expect((await once("msg_1", () => {}, sqliteOnce(database, { scope: "billing" }))).state).toBe("ran");
  });

  test("work within the transaction is done once, together with its record", () => {
    const { store, insert, count } = openBooks();
    expect(store.within("msg_1", () => insert("Momo"))).toEqual({ state: "ran", result: undefined });
    expect(store.within("msg_1", () => insert("Momo"))).toEqual({ state: "duplicate" });
    expect(count()).toBe(1);
  });

  test("work that fails within the transaction leaves neither its changes nor its record", () => {
    const { store, insert, count } = openBooks();
    const failing = () => {
      insert("Momo");
      throw new Error("the shelf is full");
    };
    expect(() => store.within("msg_1", failing)).toThrow("the shelf is full");
    expect(count()).toBe(0);
    expect(store.within("msg_1", () => insert("Momo")).state).toBe("ran");
  });

  test("work within the transaction that is asynchronous is rolled back with a sentence", () => {
    const { store, insert, count } = openBooks();
    const later = async () => {
      insert("Momo");
      throw new Error("after all");
    };
    expect(() => store.within("msg_1", later)).toThrow("must not be asynchronous");
    expect(count()).toBe(0);
  });

  test("work within the transaction waits for work that has begun outside", async () => {
    const { store, insert, count } = openBooks();
    await store.begin("msg_1");
    expect(store.within("msg_1", () => insert("Momo"))).toEqual({ state: "in_progress", retryAfterSeconds: 60 });
    expect(count()).toBe(0);
  });

  test("expired ids are deleted from the table", async () => {
    const database = new DatabaseSync(":memory:");
    let nowMs = 0;
    const store = sqliteOnce(database, { keepMs: 1000, now: () => new Date(nowMs) });
    for (let number = 0; number < 50; number++) await once(`msg_${number}`, () => {}, store);
    nowMs = 1000;
    await once("msg_new", () => {}, store);
    expect(database.prepare("select id from weft_once").all()).toEqual([{ id: "msg_new" }]);
  });
});
