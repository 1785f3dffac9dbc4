import { describe, expect, test } from "vitest";
import { oncePromises } from "../promises/once-promises.ts";
import { memoryOnce } from "./memory.ts";
import { once } from "./once.ts";

describe("a store for once in memory", () => {
  oncePromises(async (options) => memoryOnce(options));

  test("the number of ids is bounded, and the one that was done first is forgotten first", async () => {
    const store = memoryOnce({ idsMax: 2 });
    const states = [];
    for (const id of ["msg_1", "msg_2", "msg_3", "msg_2", "msg_3", "msg_1"]) {
      states.push((await once(id, () => {}, store)).state);
    }
    expect(states).toEqual(["ran", "ran", "ran", "duplicate", "duplicate", "ran"]);
  });

  test("an id in progress is never forgotten for a new one, whose sender is asked to retry", async () => {
    const store = memoryOnce({ idsMax: 2 });
    await store.begin("msg_1");
    await store.begin("msg_2");
    expect(await once("msg_3", () => {}, store)).toEqual({ state: "in_progress", retryAfterSeconds: 1 });
    expect((await store.begin("msg_1")).state).toBe("in_progress");
  });

  test("expired leases make room", async () => {
    let nowMs = 0;
    const store = memoryOnce({ idsMax: 1, leaseMs: 1000, now: () => new Date(nowMs) });
    await store.begin("msg_1");
    nowMs = 1000;
    expect((await once("msg_2", () => {}, store)).state).toBe("ran");
  });

  test("a renewed lease does not prevent earlier expired ones from making room", async () => {
    let nowMs = 0;
    const store = memoryOnce({ idsMax: 3, leaseMs: 1000, now: () => new Date(nowMs) });
    for (const id of ["msg_1", "msg_2"]) await store.begin(id);
    nowMs = 1000;
    for (const id of ["msg_1", "msg_3"]) await store.begin(id);
    expect((await once("msg_4", () => {}, store)).state).toBe("ran");
  });

  test("done ids make room for ids in progress, not the other way round", async () => {
    const store = memoryOnce({ idsMax: 2 });
    await store.begin("msg_1");
    await once("msg_2", () => {}, store);
    expect((await once("msg_3", () => {}, store)).state).toBe("ran");
    expect((await once("msg_3", () => {}, store)).state).toBe("duplicate");
    expect((await store.begin("msg_1")).state).toBe("in_progress");
    expect((await once("msg_2", () => {}, store)).state).toBe("ran");
  });
});
