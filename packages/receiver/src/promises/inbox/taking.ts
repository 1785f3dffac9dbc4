import { expect, test } from "vitest";
import type { InboxStore, InboxStoreOptions } from "../../inbox/inbox.ts";
import { begun, messageOf } from "./open-inbox.ts";

export function takingPromises(open: (options: InboxStoreOptions) => Promise<InboxStore>): void {
  async function openAt() {
    const clock = { ms: begun };
    return { clock, store: await open({ now: () => new Date(clock.ms) }) };
  }
  const accept = (store: InboxStore, id: string) => store.accept({ ...messageOf(id)[1], key: null });

  test("a taken message is not taken again until its lease ends, and then only once", async () => {
    const { store, clock } = await openAt();
    for (let number = 0; number < 30; number++) await accept(store, `msg_${number}`);
    const takeAll = async () => {
      const takes = await Promise.all(Array.from({ length: 4 }, () => store.take({ countMax: 20, leaseMs: 1000 })));
      return takes.flat().map(({ messageId }) => messageId);
    };
    const taken = await takeAll();
    expect(new Set(taken).size).toBe(taken.length);
    const rest = await takeAll();
    expect(new Set([...taken, ...rest]).size).toBe(30);
    expect(taken.length + rest.length).toBe(30);
    clock.ms += 999;
    expect(await takeAll()).toEqual([]);
    clock.ms += 1;
    expect(await store.take({ countMax: 30, leaseMs: 1000 })).toHaveLength(30);
  });

  test("a process that has lost its lease changes nothing any more", async () => {
    const { store, clock } = await openAt();
    await accept(store, "msg_1");
    const [lost] = await store.take({ countMax: 1, leaseMs: 1000 });
    clock.ms += 1000;
    const [held] = await store.take({ countMax: 1, leaseMs: 1000 });
    if (lost === undefined || held === undefined) throw new Error("Nothing was taken.");
    expect([lost.attempt, held.attempt]).toEqual([1, 2]);
    expect(await store.finish(lost, 1000)).toBe(false);
    expect(await store.retry(lost, 0)).toBe(false);
    expect(await store.bury(lost, "late")).toBe(false);
    await store.renew([lost], 1_000_000);
    clock.ms += 1000;
    expect(await store.take({ countMax: 1, leaseMs: 1000 })).toHaveLength(1);
    expect(await store.finish(held, 1000)).toBe(false);
  });

  test("the id of a done message is remembered for the configured time", async () => {
    const { store, clock } = await openAt();
    await accept(store, "msg_1");
    const [message] = await store.take({ countMax: 1, leaseMs: 1000 });
    if (message === undefined) throw new Error("Nothing was taken.");
    expect(await store.finish(message, 3_600_000)).toBe(true);
    clock.ms += 3_599_999;
    await store.forgetOld();
    expect(await accept(store, "msg_1")).toBe(false);
    clock.ms += 1;
    await store.forgetOld();
    expect(await accept(store, "msg_1")).toBe(true);
  });
}
