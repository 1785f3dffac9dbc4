import { readdirSync, readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { World } from "../fixtures/samples.ts";
import { anyMessage } from "../messages/interface.ts";
import { SqliteStores } from "./fixtures/sqlite-stores.ts";

const stores = new SqliteStores();
afterAll(() => stores[Symbol.dispose]());

test("a look-up returns while lists are being read", async () => {
  await using world = await World.open(() => stores.open());
  const { organizationId } = world;
  const messages = Array.from({ length: 1_000 }, () => world.message());
  await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
  const everything = { ...anyMessage, status: "success" as const };
  let returned = 0;
  const lists = Array.from({ length: 200 }, async () => {
    await world.store.listMessages({ organizationId, ...everything, limit: 50, cursor: null });
    returned += 1;
  });
  await world.store.readOrganization({ organizationId });
  expect(returned).toBeLessThan(lists.length / 2);
  await Promise.all(lists);
});

test.skipIf(process.platform !== "linux")(
  "a thread waits for the disk under load, and the writer otherwise",
  async () => {
    await using world = await World.open(() => stores.open());
    await world.accept();
    expect(threadNames()).toContain("weft-writer");
    expect(threadNames()).not.toContain("weft-disk");
    // Messages that are accepted one after the other leave time between commits.
    for (let count = 0; count < 50; count++) await world.accept();
    expect(threadNames()).not.toContain("weft-disk");
    const accepted: Promise<unknown>[] = [];
    while (!threadNames().includes("weft-disk")) {
      accepted.push(world.accept());
      if (accepted.length % 500 === 0) await accepted.at(-500);
      await new Promise((resolve) => setImmediate(resolve));
    }
    accepted.push(world.accept());
    await Promise.all(accepted);
  },
);

function threadNames(): string[] {
  return readdirSync("/proc/self/task").map((id) => readFileSync(`/proc/self/task/${id}/comm`, "utf8").trim());
}
