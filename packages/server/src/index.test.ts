import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { until } from "./delivery/fixtures/manual-clock.ts";
import { Receiver } from "./delivery/fixtures/receiver.ts";
import { ApiError, type Event, openWeft } from "./index.ts";

const payload =
  '{ "event_type":"collection.updated", "collection_id":"7", "collection_name":"Sales", "collection_readable_id":"sales",' +
  ' "timestamp":"2026-01-15T14:30:00.123Z", "big":12345678901234567890 }';
const event: Event = { eventType: "collection.updated", payload };

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-in-process-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "app.db");
}

function open(file: string) {
  return openWeft({
    database: `sqlite:${file}`,
    allowHttp: true,
    allowNetworks: ["127.0.0.0/8"],
    logLevel: "silent",
  });
}

test("a change and its event are committed together or not at all, and the event is delivered unchanged", async () => {
  const file = newFile();
  await using receiver = await Receiver.start();
  await using weft = await open(file);
  await weft.subscribe({ url: receiver.url(), eventTypes: ["*"] });
  using database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec("create table orders (id integer primary key); begin; insert into orders values (1)");
  weft.publishWithin(database, event);
  database.exec("rollback; begin; insert into orders values (2)");
  weft.publishWithin(database, { ...event, eventId: "order-2" });
  database.exec("commit");
  await until("it is received", () => receiver.received.length === 1);
  await weft.publish({ ...event, payload: JSON.parse(payload) });
  await until("the next is received", () => receiver.received.length === 2);
  expect(receiver.received[0]?.body).toBe(payload);
  expect(database.prepare("select id from orders").all()).toEqual([{ id: 2 }]);
});

test("events that were committed before a program ended are delivered by the next one", async () => {
  const file = newFile();
  await using receiver = await Receiver.start();
  {
    await using weft = await open(file);
    await weft.subscribe({ url: receiver.url(), eventTypes: ["*"] });
    using database = new DatabaseSync(file, { timeout: 5_000 });
    await weft.close();
    database.exec("begin");
    weft.publishWithin(database, event);
    database.exec("commit");
  }
  expect(receiver.received).toEqual([]);
  await using _again = await open(file);
  await until("it is received", () => receiver.received.length === 1);
});

test("an event id names one event, inside transactions and outside", async () => {
  const file = newFile();
  await using weft = await open(file);
  using database = new DatabaseSync(file, { timeout: 5_000 });
  const named = { ...event, eventId: "order-1" };
  database.exec("begin");
  const id = weft.publishWithin(database, named);
  expect(weft.publishWithin(database, named)).toBe(id);
  database.exec("commit");
  expect(await weft.publish(named)).toBe(id);
  const other = { ...named, payload: payload.replace("Sales", "Other") };
  database.exec("begin");
  expect(() => weft.publishWithin(database, other)).toThrow(ApiError);
  database.exec("rollback");
  await expect(weft.publish(other)).rejects.toThrow("order-1");
});

test("invalid events are refused before anything is written, with the location of the mistake", async () => {
  const file = newFile();
  await using weft = await open(file);
  using database = new DatabaseSync(file, { timeout: 5_000 });
  const refused: [Partial<Event>, string][] = [
    [{ eventType: "order.paid" }, "order.paid"],
    [{ payload: "{" }, "JSON"],
    [{ payload: [] }, "object"],
    [{ payload: payload.replace("Sales", "\ud800") }, "whole characters"],
    [{ payload: payload.replace("2026-01-15T", "yesterday ") }, "timestamp"],
    [{ payload: payload.replace("Sales", "x".repeat(262_144)) }, "262144"],
    [{ eventId: "" }, "eventId"],
    [{ eventId: "x".repeat(257) }, "eventId"],
    [{ eventId: "s\ud800" }, "eventId"],
    [{ eventId: "\0" }, "eventId"],
  ];
  database.exec("begin");
  for (const [bad, sentence] of refused) {
    expect(() => weft.publishWithin(database, { ...event, ...bad }), sentence).toThrow(sentence);
    await expect(weft.publish({ ...event, ...bad }), sentence).rejects.toThrow(sentence);
  }
  database.exec("commit");
  expect(database.prepare("select count(*) as count from outbox").get()).toEqual({ count: 0 });
});

test("a connection without a transaction, or to another file, is refused with an instruction", async () => {
  await using weft = await open(newFile());
  using elsewhere = new DatabaseSync(newFile());
  expect(() => weft.publishWithin(elsewhere, event)).toThrow("Begin one");
  elsewhere.exec("begin");
  expect(() => weft.publishWithin(elsewhere, event)).toThrow("One transaction needs one file");
  using inMemory = new DatabaseSync(":memory:");
  inMemory.exec("begin");
  expect(() => weft.publishWithin(inMemory, event)).toThrow("in memory");
});

test("tables of the application stay unchanged, and those with Weft's names are reported", async () => {
  const file = newFile();
  {
    using database = new DatabaseSync(file);
    database.exec("pragma user_version = 7; create table orders (id integer); create table message (id integer)");
    database.exec("create index recoveries_running on orders (id); create table migration (version text)");
  }
  await expect(open(file)).rejects.toThrow("message, recoveries_running, migration");
  using database = new DatabaseSync(file);
  database.exec(
    "drop table message; drop index recoveries_running; drop table migration; insert into orders values (1)",
  );
  {
    await using _weft = await open(file);
  }
  await using _again = await open(file);
  expect(database.prepare("select id from orders").all()).toEqual([{ id: 1 }]);
  expect(database.prepare("pragma user_version").get()).toEqual({ user_version: 7 });
});

test("a database that cannot be opened and an invalid subscription are refused with a sentence", async () => {
  const file = newFile();
  await expect(openWeft({ database: "postgres://localhost/app" })).rejects.toThrow("weft.publish");
  await using weft = await openWeft({ database: `sqlite:${file}`, logLevel: "silent" });
  await expect(open(file)).rejects.toThrow("is in use by");
  await expect(weft.subscribe({ url: "http://127.0.0.1:1/", eventTypes: ["*"] })).rejects.toThrow("https");
});
