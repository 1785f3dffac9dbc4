import { expect, test } from "vitest";
import type { ReceivedEvent } from "./received-event.ts";
import { parseEvent } from "./received-event.ts";
import { createRouter } from "./router.ts";

const context = { messageId: "msg_1", timestamp: new Date(0), text: "{}" };

function eventNamed(name: string): ReceivedEvent {
  return parseEvent(JSON.stringify({ event_type: name, collection_name: "Sales Data" }));
}

test("an event reaches the handlers of its type and of every type, in the order in which they were added", async () => {
  const calls: string[] = [];
  const router = createRouter()
    .on("sync.completed", async (event) => {
      await Promise.resolve();
      calls.push(`first ${event.collection_name}`);
    })
    .onAny((event) => void calls.push(`any ${event.event_type}`))
    .on("sync.failed", () => void calls.push("another type"))
    .on("sync.completed", () => void calls.push("second"));
  await router.receive(eventNamed("sync.completed"), context);
  expect(calls).toEqual(["first Sales Data", "any sync.completed", "second"]);
});

test("handlers get the id of the message", async () => {
  const seen: unknown[] = [];
  await createRouter()
    .on("collection.created", (_event, given) => void seen.push(given))
    .receive(eventNamed("collection.created"), context);
  expect(seen).toEqual([context]);
});

test("the fallback handler gets events without a handler of their own, known and unknown, after those for any event", async () => {
  const calls: string[] = [];
  const router = createRouter()
    .otherwise((event) => void calls.push(`otherwise ${event.event_type}`))
    .onAny(() => void calls.push("any"))
    .on("sync.completed", () => void calls.push("named"));
  for (const name of ["sync.completed", "sync.failed", "warehouse.moved"])
    await router.receive(eventNamed(name), context);
  expect(calls).toEqual(["any", "named", "any", "otherwise sync.failed", "any", "otherwise warehouse.moved"]);
});

test.each(["__proto__", "constructor", "toString", ""])("the event type %j has no special meaning", async (name) => {
  const calls: string[] = [];
  await createRouter()
    .otherwise((event) => void calls.push(event.event_type))
    .receive(eventNamed(name), context);
  expect(calls).toEqual([name]);
});

test("a router without handlers accepts everything", async () => {
  await expect(createRouter().receive(eventNamed("sync.completed"), context)).resolves.toBeUndefined();
});

test("an error of a handler is thrown, and later handlers do not run", async () => {
  const calls: string[] = [];
  const failing = createRouter()
    .on("sync.completed", async () => {
      throw new Error("the disk is full");
    })
    .onAny(() => void calls.push("later"));
  await expect(failing.receive(eventNamed("sync.completed"), context)).rejects.toThrow("the disk is full");

  const failingAtOnce = createRouter().onAny(() => {
    throw new Error("at once");
  });
  await expect(failingAtOnce.receive(eventNamed("sync.failed"), context)).rejects.toThrow("at once");
  expect(calls).toEqual([]);
});
