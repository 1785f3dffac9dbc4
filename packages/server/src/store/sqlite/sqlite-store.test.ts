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
