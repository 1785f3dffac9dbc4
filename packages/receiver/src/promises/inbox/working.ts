import { expect, test, vi } from "vitest";
import type { InboxStore } from "../../inbox/inbox.ts";
import type { ReceivedEvent } from "../../received-event.ts";
import { gone, tryLater } from "../../response.ts";
import type { MessageContext } from "../../router.ts";
import { eventually } from "../eventually.ts";
import { messageOf, type OpenInbox } from "./open-inbox.ts";

export function workingPromises(openInbox: OpenInbox): void {
  test("at most the configured number of messages is processed concurrently, and all are in the end", async () => {
    let running = 0;
    let most = 0;
    const handled: string[] = [];
    const { inbox } = await openInbox(
      async (_event, { messageId }) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        handled.push(messageId);
      },
      { concurrency: 3 },
    );
    const ids = Array.from({ length: 40 }, (_, number) => `msg_${number}`);
    for (const id of ids) await inbox.receive(...messageOf(id));
    inbox.start();
    await eventually(() => expect(handled.toSorted()).toEqual(ids.toSorted()));
    expect(most).toBe(3);
  });

  test("failed work is tried again after its delay, not earlier, and its error is reported", async () => {
    const onError = vi.fn();
    const handle = vi.fn().mockRejectedValueOnce(new Error("the disk is full")).mockResolvedValue(undefined);
    const { inbox, store, clock } = await openInbox(handle, { retryDelaysMs: [60_000], onError });
    await inbox.receive(...messageOf("msg_1"));
    inbox.start();
    await eventually(() => expect(onError).toHaveBeenCalledOnce());
    expect(onError.mock.calls[0]).toEqual([new Error("the disk is full"), messageOf("msg_1")[1]]);
    await inbox.receive(...messageOf("msg_2"));
    clock.ms += 59_999;
    await inbox.receive(...messageOf("msg_3"));
    await eventually(() => expect(handle).toHaveBeenCalledTimes(3));
    clock.ms += 1;
    await eventually(() => expect(handle).toHaveBeenCalledTimes(4));
    await eventually(async () => expect(await store.countHeld(10)).toBe(0));
  });

  test("a handler that asks for a pause gets it, regardless of the schedule", async () => {
    const onError = vi.fn();
    const handle = vi.fn().mockRejectedValueOnce(tryLater(10)).mockResolvedValue(undefined);
    const { inbox, store, clock } = await openInbox(handle, { retryDelaysMs: [3_600_000], onError });
    await inbox.receive(...messageOf("msg_1"));
    inbox.start();
    await eventually(() => expect(handle).toHaveBeenCalledOnce());
    await eventually(async () => {
      clock.ms += 10_000;
      expect(await store.countHeld(10)).toBe(0);
    });
    expect(handle).toHaveBeenCalledTimes(2);
    expect(onError).not.toHaveBeenCalled();
  });

  test("a handler that requests no further events ends its message, and every later one gets that response", async () => {
    const { inbox, store } = await openInbox(() => {
      throw gone();
    });
    await inbox.receive(...messageOf("msg_1"));
    inbox.start();
    await eventually(async () => expect(await store.countHeld(10)).toBe(0));
    await expect(inbox.receive(...messageOf("msg_2"))).rejects.toMatchObject({ code: "gone" });
  });

  test("stopping waits for running work and takes no more, and another start continues", async () => {
    const work = Promise.withResolvers<void>();
    const handle = vi.fn(() => work.promise);
    const { inbox, store } = await openInbox(handle, { concurrency: 1 });
    for (const id of ["msg_1", "msg_2"]) await inbox.receive(...messageOf(id));
    inbox.start();
    await eventually(() => expect(handle).toHaveBeenCalledOnce());
    const stopping = inbox.stop();
    work.resolve();
    expect(await stopping).toEqual({ unfinished: 0 });
    expect(await store.countHeld(10)).toBe(1);
    expect(handle).toHaveBeenCalledOnce();
    inbox.start();
    await eventually(async () => expect(await store.countHeld(10)).toBe(0));
  });

  test("stopping waits for a bounded time: unfinished work is reported, and taken again after its lease", async () => {
    const work = Promise.withResolvers<void>();
    const handle = vi.fn(() => work.promise);
    const { inbox, store, clock } = await openInbox(handle);
    await inbox.receive(...messageOf("msg_1"));
    inbox.start();
    await eventually(() => expect(handle).toHaveBeenCalledOnce());
    expect(await inbox.stop({ graceMs: 1 })).toEqual({ unfinished: 1 });
    clock.ms += 60_000;
    expect(await store.take({ countMax: 10, leaseMs: 60_000 })).toHaveLength(1);
    work.resolve();
  });

  test("stopping waits for a bounded time even if the store does not respond", async () => {
    const { store } = await openInbox(() => {});
    const silent = { ...store, take: () => new Promise<never>(() => {}) };
    const { inbox } = await openInbox(() => {}, { store: silent });
    inbox.start();
    expect(await inbox.stop({ graceMs: 1 })).toEqual({ unfinished: 0 });
  });

  test("a failing store is reported, and tried again", async () => {
    const onError = vi.fn();
    const handle = vi.fn();
    const { store } = await openInbox(() => {});
    let failures = 3;
    const failing: InboxStore = {
      ...store,
      take: (params) => (failures-- > 0 ? Promise.reject(new Error("the database is away")) : store.take(params)),
    };
    const { inbox } = await openInbox(handle, { store: failing, onError });
    await inbox.receive(...messageOf("msg_1"));
    inbox.start();
    await eventually(() => expect(handle).toHaveBeenCalledOnce());
    expect(onError.mock.calls.map(([error]) => error.message)).toEqual(Array(3).fill("the database is away"));
  });

  test("work that takes longer than its lease keeps it", async () => {
    const work = Promise.withResolvers<void>();
    const { inbox, store, clock } = await openInbox(() => work.promise, { leaseMs: 30 });
    await inbox.receive(...messageOf("msg_1"));
    inbox.start();
    const other = () => store.take({ countMax: 10, leaseMs: 30 });
    await eventually(async () => expect(await store.countHeld(10)).toBe(1));
    for (let step = 0; step < 5; step++) {
      clock.ms += 29;
      // A message of its own shows that the lease was renewed: it was stored earlier, and is missing after a renewal.
      await renewal(store);
      expect(await other()).toEqual([]);
    }
    work.resolve();
    await eventually(async () => expect(await store.countHeld(10)).toBe(0));
  });
}

/** Resolves when leases have been renewed. */
function renewal(store: InboxStore): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const renew = store.renew;
  vi.spyOn(store, "renew").mockImplementationOnce(async (...args) => {
    await renew(...args);
    resolve();
  });
  return promise;
}

export function heldUpPromises(openInbox: OpenInbox): void {
  test("a process that was blocked beyond its lease does not start its running work again, and finishes it", async () => {
    const work = Promise.withResolvers<void>();
    const handle = vi.fn((_event: ReceivedEvent, { messageId }: MessageContext) =>
      messageId === "msg_1" ? work.promise : undefined,
    );
    const { inbox, store, clock } = await openInbox(handle);
    await inbox.receive(...messageOf("msg_1"));
    inbox.start();
    await eventually(() => expect(handle).toHaveBeenCalledOnce());
    clock.ms += 60_000;
    await inbox.receive(...messageOf("msg_2"));
    await eventually(async () => expect(await store.countHeld(10)).toBe(1));
    expect(handle).toHaveBeenCalledTimes(2);
    work.resolve();
    await eventually(async () => expect(await store.countHeld(10)).toBe(0));
    expect(handle).toHaveBeenCalledTimes(2);
  });
}
