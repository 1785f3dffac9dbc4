import { expect, test, vi } from "vitest";
import { parseEvent } from "../../received-event.ts";
import { eventually } from "../eventually.ts";
import { begun, messageOf, type OpenInbox } from "./open-inbox.ts";

export function storingPromises(openInbox: OpenInbox): void {
  test("stored messages are processed after the start, with their text unchanged", async () => {
    const handle = vi.fn();
    const { inbox } = await openInbox(handle);
    const text = '{"event_type":"warehouse.moved","weight":12345678901234567890, "name":"Žluťoučký 🧵\\u0000"}';
    const context = { messageId: "msg_1", timestamp: new Date(begun), text };
    await inbox.receive(parseEvent(text), context);
    expect(handle).not.toHaveBeenCalled();
    inbox.start();
    await eventually(() => expect(handle).toHaveBeenCalledExactlyOnceWith(parseEvent(text), context));
  });

  test("a repeated message is not processed again: before, during and after its work", async () => {
    const work = Promise.withResolvers<void>();
    const handle = vi.fn(() => work.promise);
    const { inbox, store } = await openInbox(handle);
    await inbox.receive(...messageOf("msg_1"));
    await inbox.receive(...messageOf("msg_1"));
    inbox.start();
    await eventually(() => expect(handle).toHaveBeenCalledOnce());
    await inbox.receive(...messageOf("msg_1"));
    work.resolve();
    await eventually(async () => expect(await store.countHeld(10)).toBe(0));
    await inbox.receive(...messageOf("msg_1"));
    await inbox.receive(...messageOf("msg_2"));
    await eventually(() => expect(handle).toHaveBeenCalledTimes(2));
  });

  test("a full inbox asks for a pause, until there is room", async () => {
    const { inbox, store } = await openInbox(() => {}, { heldMax: 2 });
    await inbox.receive(...messageOf("msg_1"));
    await inbox.receive(...messageOf("msg_2"));
    await expect(inbox.receive(...messageOf("msg_3"))).rejects.toMatchObject({ code: "try_later", afterSeconds: 60 });
    inbox.start();
    await eventually(async () => expect(await store.countHeld(10)).toBe(0));
    await inbox.receive(...messageOf("msg_3"));
  });

  test("a key of any length and with any characters is stored", async () => {
    const handle = vi.fn();
    const { inbox } = await openInbox(handle, {
      orderBy: (event) => `\0\ud800${"x".repeat(100_000)}${event.event_type}`,
    });
    await inbox.receive(...messageOf("msg_1"));
    inbox.start();
    await eventually(() => expect(handle).toHaveBeenCalledOnce());
  });
}
