import { expect, test } from "vitest";
import { clearOnChange, collectionTag, TaggedCache } from "./tagged-cache.ts";

function completed(readableId: string) {
  return {
    event_type: "sync.completed",
    collection_readable_id: readableId,
    collection_name: "Docs",
    source_connection_id: "1",
    source_type: "git",
    timestamp: "2026-01-15T14:30:00.000Z",
  } as const;
}

test("a value is loaded once until its collection changes", async () => {
  const cache = new TaggedCache<number>();
  let loads = 0;
  const search = () => cache.read("query", [collectionTag("docs")], async () => ++loads);
  expect([await search(), await search()]).toEqual([1, 1]);
  const handle = clearOnChange(cache);
  handle(completed("other"));
  expect(await search()).toBe(1);
  handle(completed("docs"));
  expect(await search()).toBe(2);
});

test("a value that was being loaded when its collection changed is not cached", async () => {
  const cache = new TaggedCache<string>();
  let finish = (_: string) => {};
  const early = cache.read("query", ["t"], () => new Promise((resolve) => (finish = resolve)));
  cache.clear("t");
  const late = cache.read("query", ["t"], async () => "new");
  finish("old");
  expect([await early, await late]).toEqual(["old", "new"]);
  expect(await cache.read("query", ["t"], async () => "newer")).toBe("new");
});

test("concurrent readers wait for the same load, and a failure is not cached", async () => {
  const cache = new TaggedCache<string>();
  let loads = 0;
  async function load(): Promise<string> {
    loads += 1;
    await Promise.resolve();
    if (loads === 1) throw new Error("not now");
    return "value";
  }
  const both = [cache.read("k", [], load), cache.read("k", [], load)];
  await expect(Promise.allSettled(both)).resolves.toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
  expect(loads).toBe(1);
  expect(await cache.read("k", [], load)).toBe("value");
});

test("the cache does not grow beyond its bound, and drops the least recently read entry", async () => {
  const cache = new TaggedCache<number>({ entriesMax: 2 });
  const read = (key: string, value: number) => cache.read(key, [], async () => value);
  await read("a", 1);
  await read("b", 1);
  await read("a", 2);
  await read("c", 1);
  expect(cache.size).toBe(2);
  expect([await read("a", 3), await read("c", 3)]).toEqual([1, 1]);
  expect(await read("b", 3)).toBe(3);
});

test("events without a collection, and of unknown types, clear nothing", () => {
  let cleared = 0;
  const handle = clearOnChange({ clear: () => ++cleared });
  for (const event of [
    { event_type: "sync.running" },
    { event_type: "sync.completed" },
    { event_type: "acme.sold", collection_readable_id: "docs" },
  ])
    handle(event as never);
  expect(cleared).toBe(0);
});
