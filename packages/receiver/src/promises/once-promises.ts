import { expect, test, vi } from "vitest";
import { type OnceStore, type OnceStoreOptions, once } from "../once/once.ts";

/** The promises that every store for `once` keeps. Each store's test calls this with a way to open an empty one. */
export function oncePromises(open: (options: OnceStoreOptions) => Promise<OnceStore>): void {
  const begun = new Date("2025-01-15T14:30:00Z").getTime();

  async function openAt(options: OnceStoreOptions = {}) {
    const clock = { ms: begun };
    const store = await open({ leaseMs: 60_000, keepMs: 3_600_000, now: () => new Date(clock.ms), ...options });
    return { store, clock };
  }

  test("work is done for the first delivery, and for no later one", async () => {
    const { store } = await openAt();
    const work = vi.fn(async () => 42);
    expect(await once("msg_1", work, store)).toEqual({ state: "ran", result: 42 });
    expect(await once("msg_1", work, store)).toEqual({ state: "duplicate" });
    expect(await once("msg_2", work, store)).toEqual({ state: "ran", result: 42 });
    expect(work).toHaveBeenCalledTimes(2);
  });

  test("of many concurrent deliveries, one does the work and the others are asked to retry", async () => {
    const { store } = await openAt();
    const work = Promise.withResolvers<void>();
    const runs = vi.fn(() => work.promise);
    const outcomes = Array.from({ length: 20 }, () => once("msg_1", runs, store));
    const states = outcomes.map((outcome) => outcome.then(({ state }) => state));
    const others: string[] = [];
    for (const state of states) void state.then((text) => others.push(text));
    await vi.waitFor(() => expect(others).toHaveLength(19));
    expect(new Set(others)).toEqual(new Set(["in_progress"]));
    work.resolve();
    await Promise.all(states);
    expect(others.at(-1)).toBe("ran");
    expect(runs).toHaveBeenCalledOnce();
  });

  test("failed work may begin again immediately, and its error is thrown", async () => {
    const { store } = await openAt();
    const failing = once("msg_1", () => Promise.reject(new Error("the disk is full")), store);
    await expect(failing).rejects.toThrow("the disk is full");
    await expect(
      once(
        "msg_1",
        () => {
          throw new Error("at once");
        },
        store,
      ),
    ).rejects.toThrow("at once");
    expect(await once("msg_1", () => "done", store)).toEqual({ state: "ran", result: "done" });
  });

  test("work that a crash interrupted is blocked until its lease ends, and no longer", async () => {
    const { store, clock } = await openAt();
    expect(await store.begin("msg_1")).toEqual({ state: "begun", token: expect.any(String) });
    expect(await once("msg_1", () => {}, store)).toEqual({ state: "in_progress", retryAfterSeconds: 60 });
    clock.ms += 59_999;
    expect(await once("msg_1", () => {}, store)).toEqual({ state: "in_progress", retryAfterSeconds: 1 });
    clock.ms += 1;
    expect((await once("msg_1", () => {}, store)).state).toBe("ran");
  });

  test("a process that has lost its lease neither finishes nor releases the work of the new holder", async () => {
    const { store, clock } = await openAt();
    const lost = await store.begin("msg_1");
    clock.ms += 60_000;
    await store.begin("msg_1");
    const token = lost.state === "begun" ? lost.token : "";
    await store.finish("msg_1", token);
    await store.release("msg_1", token);
    expect(await store.begin("msg_1")).toEqual({ state: "in_progress", leaseLeftMs: 60_000 });
  });

  test("work that took longer than its lease is remembered, unless another process began it meanwhile", async () => {
    const { store, clock } = await openAt();
    const takeLong = async () => {
      clock.ms += 120_000;
      await once("msg_2", () => {}, store);
    };
    await once("msg_1", takeLong, store);
    expect(await once("msg_1", () => {}, store)).toEqual({ state: "duplicate" });
  });

  test("finishing or releasing work that never began changes nothing", async () => {
    const { store } = await openAt();
    await store.finish("msg_1", "no token");
    await store.release("msg_1", "no token");
    expect((await once("msg_1", () => {}, store)).state).toBe("ran");
  });

  test("done work is remembered for the configured time, or until it is forgotten on purpose", async () => {
    const { store, clock } = await openAt();
    for (const id of ["msg_1", "msg_2"]) await once(id, () => {}, store);
    await store.forget("msg_2");
    expect((await once("msg_2", () => {}, store)).state).toBe("ran");
    clock.ms += 3_599_999;
    expect((await once("msg_1", () => {}, store)).state).toBe("duplicate");
    clock.ms += 1;
    expect((await once("msg_1", () => {}, store)).state).toBe("ran");
  });

  test("forgetting does not release running work", async () => {
    const { store } = await openAt();
    await store.begin("msg_1");
    await store.forget("msg_1");
    expect((await store.begin("msg_1")).state).toBe("in_progress");
  });

  test("any id works", async () => {
    const { store } = await openAt();
    for (const id of ["__proto__", "constructor", "", "'; drop table weft_once; --", "ž🧵", "x".repeat(256)]) {
      expect((await once(id, () => {}, store)).state, id).toBe("ran");
      expect((await once(id, () => {}, store)).state, id).toBe("duplicate");
    }
  });
}
