import { expect, test } from "vitest";
import { readableIdPattern } from "../domain/collection.ts";
import { openTestWeft } from "./fixtures/test-weft.ts";

const docs = { name: "Sales Data", readableId: null, syncConfig: null };

test("a new collection gets a readable id and is announced, and two with one name have different ids", async () => {
  await using weft = await openTestWeft({ sources: [] });
  const first = await weft.collections.create(weft.organizationId, docs);
  const second = await weft.collections.create(weft.organizationId, docs);
  expect(first.readableId).toMatch(/^sales-data-[a-z0-9]{6}$/);
  expect(first.readableId).toMatch(readableIdPattern);
  expect(second.readableId).not.toBe(first.readableId);
  expect((await weft.events()).map((event) => [event.event_type, event.collection_readable_id])).toEqual([
    ["collection.created", first.readableId],
    ["collection.created", second.readableId],
  ]);
});

test("an existing readable id is refused, and nothing is announced", async () => {
  await using weft = await openTestWeft({ sources: [] });
  await weft.collections.create(weft.organizationId, { ...docs, readableId: "docs" });
  const again = weft.collections.create(weft.organizationId, { ...docs, readableId: "docs" });
  await expect(again).rejects.toMatchObject({ code: "readable_id_taken", message: expect.stringContaining('"docs"') });
  expect(await weft.events()).toHaveLength(1);
});

test("a change is announced with the new name, and an update without a change is not", async () => {
  await using weft = await openTestWeft({ sources: [] });
  const { organizationId } = weft;
  const { readableId } = await weft.collections.create(organizationId, docs);
  const key = { organizationId, readableId };
  expect(await weft.collections.update(key, {})).toMatchObject({ name: "Sales Data" });
  expect(await weft.collections.update(key, { name: "Sales Data" })).toMatchObject({ name: "Sales Data" });
  expect(await weft.events()).toHaveLength(1);
  expect(await weft.collections.update(key, { name: "Sales Data EMEA" })).toMatchObject({ readableId });
  expect(await weft.collections.update(key, { syncConfig: '{"a":1}' })).toMatchObject({ name: "Sales Data EMEA" });
  expect((await weft.events()).slice(1)).toMatchObject([
    { event_type: "collection.updated", collection_name: "Sales Data EMEA" },
    { event_type: "collection.updated", collection_name: "Sales Data EMEA" },
  ]);
  expect(await weft.collections.update({ ...key, readableId: "none" }, { name: "Any name" })).toBeNull();
});

test("concurrent changes all take effect, and each is announced", async () => {
  await using weft = await openTestWeft({ sources: [] });
  const { organizationId } = weft;
  const { readableId } = await weft.collections.create(organizationId, docs);
  await Promise.all([
    weft.collections.update({ organizationId, readableId }, { name: "Renamed" }),
    weft.collections.update({ organizationId, readableId }, { syncConfig: '{"a":1}' }),
  ]);
  expect(await weft.store.readCollection({ organizationId, readableId })).toMatchObject({
    name: "Renamed",
    syncConfig: '{"a":1}',
  });
  expect(await weft.events()).toHaveLength(3);
});
