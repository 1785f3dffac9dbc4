import { expect, test } from "vitest";
import type { InboxOptions } from "../../inbox/inbox.ts";
import type { ReceivedEvent } from "../../received-event.ts";
import type { Handler } from "../../router.ts";
import { eventually } from "../eventually.ts";
import { messageOf, type OpenInbox } from "./open-inbox.ts";

export function orderPromises(openInbox: OpenInbox): void {
  test("messages with one key are processed one by one in the order of arrival, and others concurrently", async () => {
    const started: string[] = [];
    const work = new Map(["a1", "a2", "b1"].map((id) => [id, Promise.withResolvers<void>()]));
    const { inbox } = await openInbox(
      (_event, { messageId }) => {
        started.push(messageId);
        return work.get(messageId)?.promise;
      },
      { orderBy: (_event, { messageId }) => messageId.charAt(0) },
    );
    for (const id of ["a1", "a2", "b1"]) await inbox.receive(...messageOf(id));
    inbox.start();
    await eventually(() => expect(started).toEqual(["a1", "b1"]));
    work.get("b1")?.resolve();
    await inbox.receive(...messageOf("c1"));
    await eventually(() => expect(started).toEqual(["a1", "b1", "c1"]));
    work.get("a1")?.resolve();
    await eventually(() => expect(started).toEqual(["a1", "b1", "c1", "a2"]));
    work.get("a2")?.resolve();
  });

  test("a retry blocks its key, and a dead letter does not", async () => {
    const handled: string[] = [];
    const { inbox, clock } = await openInbox(
      (_event, { messageId }) => {
        handled.push(messageId);
        if (messageId === "a1") throw new Error("always");
      },
      { orderBy: (_event, { messageId }) => messageId.charAt(0), retryDelaysMs: [60_000] },
    );
    for (const id of ["a1", "a2"]) await inbox.receive(...messageOf(id));
    inbox.start();
    await eventually(() => expect(handled).toEqual(["a1"]));
    await inbox.receive(...messageOf("b1"));
    await eventually(() => expect(handled).toEqual(["a1", "b1"]));
    clock.ms += 60_000;
    await eventually(() => expect(handled).toEqual(["a1", "b1", "a1", "a2"]));
  });

  test("two messages with one key are never processed concurrently, even by processes that share the store", async () => {
    const running = new Map<string, number>();
    const handled: string[] = [];
    const overlaps: string[] = [];
    const keyOf = (id: string) => id.charAt(0);
    const handle: Handler<ReceivedEvent> = async (_event, { messageId }) => {
      const key = keyOf(messageId);
      if ((running.get(key) ?? 0) > 0) overlaps.push(messageId);
      running.set(key, (running.get(key) ?? 0) + 1);
      await new Promise((resolve) => setImmediate(resolve));
      running.set(key, (running.get(key) ?? 0) - 1);
      handled.push(messageId);
    };
    const orderBy: InboxOptions["orderBy"] = (_event, { messageId }) => keyOf(messageId);
    const { inbox, store } = await openInbox(handle, { orderBy });
    const { inbox: second } = await openInbox(handle, { orderBy, store });
    inbox.start();
    second.start();
    const ids = Array.from({ length: 60 }, (_, number) => `${"abc".charAt(number % 3)}${number}`);
    for (const id of ids) await inbox.receive(...messageOf(id));
    await eventually(() => expect(handled).toHaveLength(60));
    expect(overlaps).toEqual([]);
    for (const key of "abc") {
      expect(handled.filter((id) => keyOf(id) === key)).toEqual(ids.filter((id) => keyOf(id) === key));
    }
  });
}
