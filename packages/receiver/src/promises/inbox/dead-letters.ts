import { expect, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { begun, messageOf, type OpenInbox } from "./open-inbox.ts";

export function deadLetterPromises(openInbox: OpenInbox): void {
  async function withDeadLetters(count: number) {
    const onDead = vi.fn();
    const handle = vi.fn(() => {
      throw new Error("the\0disk is full");
    });
    const opened = await openInbox(handle, { retryDelaysMs: [], onDead });
    for (let number = 0; number < count; number++) await opened.inbox.receive(...messageOf(`msg_${number}`));
    opened.inbox.start();
    await eventually(() => expect(onDead).toHaveBeenCalledTimes(count));
    return { ...opened, handle, onDead };
  }

  test("a message that fails at every attempt becomes a dead letter, with the details of its last error", async () => {
    const { inbox, onDead } = await withDeadLetters(1);
    const [, context] = messageOf("msg_0");
    expect(await inbox.deadLetters()).toEqual({
      items: [{ ...context, attempts: 1, error: "Error: thedisk is full", buriedAt: new Date(begun) }],
      next: null,
    });
    expect(onDead).toHaveBeenCalledWith(expect.objectContaining({ message: "the\0disk is full" }), context);
  });

  test("dead letters are listed in pages, for any cursor", async () => {
    const { inbox } = await withDeadLetters(5);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await inbox.deadLetters({ limit: 2, after });
      seen.push(...page.items.map(({ messageId }) => messageId));
      after = page.next;
    } while (after !== null);
    expect(seen.toSorted()).toEqual(["msg_0", "msg_1", "msg_2", "msg_3", "msg_4"]);
    for (const page of [{ limit: Number.NaN }, { limit: -1 }, { after: "'; drop table" }, { limit: 1e9 }]) {
      expect((await inbox.deadLetters(page)).items.length).toBeGreaterThan(0);
    }
  });

  test("a dead letter that is revived is processed again, and a discarded one never", async () => {
    const { inbox, store, handle } = await withDeadLetters(2);
    handle.mockReturnValue(undefined as never);
    expect(await inbox.discard("msg_0")).toBe(true);
    expect(await inbox.revive("msg_0")).toBe(false);
    expect(await inbox.revive("msg_1")).toBe(true);
    await eventually(async () => expect(await store.countHeld(10)).toBe(0));
    expect(handle).toHaveBeenCalledTimes(3);
    expect(await inbox.revive("msg_1")).toBe(false);
    expect(await inbox.discard("nowhere")).toBe(false);
    await inbox.receive(...messageOf("msg_0"));
    expect(await store.countHeld(10)).toBe(0);
  });

  test("a message that ends its process at every attempt is given up too", async () => {
    const onDead = vi.fn();
    const handle = vi.fn();
    const { inbox, store, clock } = await openInbox(handle, { retryDelaysMs: [1], onDead });
    await inbox.receive(...messageOf("msg_1"));
    for (let crash = 0; crash < 2; crash++) {
      expect(await store.take({ countMax: 1, leaseMs: 1000 })).toHaveLength(1);
      clock.ms += 1000;
    }
    inbox.start();
    await eventually(() => expect(onDead).toHaveBeenCalledOnce());
    expect(handle).not.toHaveBeenCalled();
    expect((await inbox.deadLetters()).items[0]?.error).toContain("The process ended in the middle of attempt 2");
  });
}
