import { expect, test } from "vitest";
import { gate, scriptedSource, thing } from "./fixtures/scripted-source.ts";
import { keyOf, newConnection, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";

async function types(weft: TestWeft): Promise<unknown[]> {
  return (await weft.events()).map((event) => event.event_type);
}

test("deleting a syncing connection cancels its job first, and then announces the deletion", async () => {
  const isReading = gate();
  const source = scriptedSource(async function* (signal) {
    yield thing("a");
    isReading.open();
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  await using weft = await openTestWeft({ sources: [source] });
  const connection = await weft.connect("scripted");
  await weft.connections.run(keyOf(connection));
  await isReading.opened;
  expect(await weft.connections.delete(keyOf(connection))).toMatchObject({
    id: connection.id,
    lastJob: { state: "running" },
  });
  expect((await types(weft)).slice(2)).toEqual([
    "sync.pending",
    "sync.running",
    "sync.cancelling",
    "sync.cancelled",
    "source_connection.deleted",
  ]);
  expect((await weft.events()).at(-1)).toMatchObject({ is_authenticated: false, source_connection_id: connection.id });
  expect(await weft.connections.delete(keyOf(connection))).toBeNull();
});

test("deleting a connection cancels its pending job, which never runs", async () => {
  await using weft = await openTestWeft({ sources: [scriptedSource(async function* () {})], starts: false });
  const connection = await weft.connect("scripted");
  await weft.connections.run(keyOf(connection));
  await weft.connections.delete(keyOf(connection));
  expect((await types(weft)).slice(2)).toEqual(["sync.pending", "sync.cancelled", "source_connection.deleted"]);
});

test("deleting a collection cancels the jobs of its connections, and one event names them all", async () => {
  const isReading = gate();
  const source = scriptedSource(async function* () {
    isReading.open();
    await new Promise(() => {});
    yield thing("never");
  });
  await using weft = await openTestWeft({ sources: [source] });
  const { organizationId } = weft;
  const first = await weft.connect("scripted");
  const readableId = first.readableCollectionId;
  const second = await weft.connections.create(organizationId, newConnection("scripted", readableId, {}));
  await weft.connections.run(keyOf(first));
  await isReading.opened;
  expect(await weft.collections.delete({ organizationId, readableId })).toMatchObject({ readableId });
  const published = await weft.events();
  expect(published.slice(3).map((event) => event.event_type)).toEqual([
    "sync.pending",
    "sync.running",
    "sync.cancelling",
    "sync.cancelled",
    "collection.deleted",
  ]);
  expect(published.at(-1)).toMatchObject({
    collection_readable_id: readableId,
    source_connection_ids: [first.id, second.id],
  });
  expect(await weft.store.readSourceConnection(keyOf(second))).toBeNull();
  expect(await weft.collections.delete({ organizationId, readableId })).toBeNull();
});

test("a deletion leaves no data", async () => {
  const source = scriptedSource(async function* () {
    for (let i = 0; i < 300; i++) yield thing(`${i}`, `heron ${i}`);
  });
  await using weft = await openTestWeft({ sources: [source] });
  const connection = await weft.connect("scripted");
  await weft.ended(keyOf(connection), (await weft.connections.run(keyOf(connection))).id);
  const { organizationId } = weft;
  await weft.collections.delete({ organizationId, readableId: connection.readableCollectionId });
  await expect.poll(() => weft.store.purgeDeleted({ limit: 1 }), { timeout: 30_000 }).toBe(false);
  const entityIds = ["0", "1"];
  expect(await weft.store.readEntityHashes({ sourceConnectionId: connection.id, entityIds })).toEqual([]);
});

test("concurrent deletions, runs and renames leave each job with one final event, and nothing after its deletion", async () => {
  const source = scriptedSource(async function* () {
    yield thing("a");
  });
  await using weft = await openTestWeft({ sources: [source] });
  const { organizationId } = weft;
  const connections = await Promise.all(Array.from({ length: 8 }, () => weft.connect("scripted")));
  await Promise.all(
    connections.flatMap((connection) => [
      weft.connections.run(keyOf(connection)).catch(() => null),
      weft.collections
        .update({ organizationId, readableId: connection.readableCollectionId }, { name: "Renamed" })
        .catch(() => null),
      weft.connections.delete(keyOf(connection)).catch(() => null),
    ]),
  );
  await Promise.all(connections.map((connection) => weft.connections.delete(keyOf(connection))));
  const published = await weft.events();
  for (const { id } of connections) {
    const own = published.filter((event) => event.source_connection_id === id).map((event) => event.event_type);
    expect(own.at(-1)).toBe("source_connection.deleted");
    const finals = own.filter((type) => ["sync.completed", "sync.failed", "sync.cancelled"].includes(String(type)));
    expect(finals).toHaveLength(own.filter((type) => type === "sync.pending").length);
  }
});
