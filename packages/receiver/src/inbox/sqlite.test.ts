import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { inboxPromises } from "../promises/inbox-promises.ts";
import { sqliteInbox } from "./sqlite.ts";

describe("an inbox in SQLite", () => {
  inboxPromises(async (options) => sqliteInbox(new DatabaseSync(":memory:"), options));

  test("inboxes of different scopes share only the table", async () => {
    const database = new DatabaseSync(":memory:");
    const message = { messageId: "msg_1", timestamp: new Date(0), text: "{}", key: null };
    const [billing, search] = ["billing", "search"].map((scope) => sqliteInbox(database, { scope }));
    expect(await billing?.accept(message)).toBe(true);
    expect(await search?.accept(message)).toBe(true);
    expect(await billing?.take({ countMax: 10, leaseMs: 1000 })).toHaveLength(1);
    expect(await search?.countHeld(10)).toBe(1);
  });
});
