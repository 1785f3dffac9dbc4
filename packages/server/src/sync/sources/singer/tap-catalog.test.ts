import { expect, test } from "vitest";
import { TapCatalog } from "./tap-catalog.ts";
import { withoutBookmarks } from "./tap-state.ts";

interface Metadata {
  readonly breadcrumb: readonly string[];
  readonly metadata: object;
}

function catalogOf(
  ...streams: { id: string; root?: object; more?: readonly Metadata[]; method?: string }[]
): TapCatalog {
  const entries = streams.map(({ id, root, more = [], method }) => ({
    tap_stream_id: id,
    stream: id.replace(/^.*-/, ""),
    ...{ replication_method: method, schema: { properties: { id: {} }, maximum: "BIG" } },
    ...(root !== undefined && { metadata: [{ breadcrumb: [], metadata: root }, ...more] }),
  }));
  return new TapCatalog("tap", JSON.stringify({ streams: entries }).replaceAll('"BIG"', "9223372036854775807"));
}

const choices = { streams: [], fullTable: [], replicationKeys: new Map() };

test("selected streams and their properties are marked in the metadata, and numbers keep their digits", () => {
  const more = [
    { breadcrumb: ["properties", "id"], metadata: { inclusion: "available" } },
    { breadcrumb: ["properties", "secret"], metadata: { inclusion: "unsupported" } },
  ];
  const catalog = catalogOf({ id: "a", root: {}, more }, { id: "b" });
  catalog.choose({ ...choices, streams: ["a"] });
  const [a, b] = JSON.parse(catalog.text).streams;
  expect(a.metadata.map((each: Metadata) => each.metadata)).toEqual([
    { selected: true },
    { inclusion: "available", selected: true },
    { inclusion: "unsupported" },
  ]);
  expect([a.selected, b.selected, b.metadata]).toEqual([
    true,
    false,
    [{ breadcrumb: [], metadata: { selected: false } }],
  ]);
  expect(catalog.text).toContain('"maximum":9223372036854775807');
});

test("without a choice, the streams that the tap selects are read", () => {
  const catalog = catalogOf(
    { id: "a" },
    { id: "b", root: { "selected-by-default": false } },
    { id: "c", root: { inclusion: "unsupported" } },
  );
  catalog.choose(choices);
  expect(JSON.parse(catalog.text).streams.map(({ selected }: { selected: boolean }) => selected)).toEqual([
    true,
    false,
    false,
  ]);
});

test("streams are read completely if the tap or the settings say so, and only if they are selected", () => {
  const empty = { "forced-replication-method": "", "replication-method": null };
  const catalog = catalogOf(
    { id: "x-forced", root: { "forced-replication-method": "FULL_TABLE" } },
    { id: "x-entry", method: "FULL_TABLE" },
    { id: "x-chosen", root: empty },
    { id: "x-undeclared", root: empty },
    { id: "x-key", root: { "replication-method": "FULL_TABLE" } },
    { id: "x-left", root: { "replication-method": "FULL_TABLE", "selected-by-default": false } },
  );
  catalog.choose({ ...choices, fullTable: ["x-chosen"], replicationKeys: new Map([["x-key", "updated"]]) });
  expect(catalog.fullTableNames).toEqual(["forced", "entry", "chosen"]);
  expect(catalog.idsOf("key")).toEqual(["x-key"]);
  expect(catalog.streams[4]?.replicationKeys).toEqual(["updated"]);
});

test("a stream that the tap always reads incrementally cannot be read completely", () => {
  const catalog = catalogOf({ id: "a", root: { "forced-replication-method": "INCREMENTAL" } });
  expect(() => catalog.choose({ ...choices, fullTable: ["a"] })).toThrow("only incrementally");
});

test("a text that is no catalog is refused", () => {
  for (const text of ["", "[]", "{}", '{"streams": {}}', "INFO started"]) {
    expect(() => new TapCatalog("tap", text)).toThrow("The tap tap printed no catalog");
  }
});

test("the bookmarks of streams that are read completely are removed from a state", () => {
  const state = '{"bookmarks": {"a": {"at": 9223372036854775807}, "b": {"at": 1}}, "other": 1}';
  expect(withoutBookmarks(state, ["b"])).toBe('{"bookmarks":{"a":{"at":9223372036854775807}},"other":1}');
  expect(withoutBookmarks(state, [])).toBe(state);
  expect(withoutBookmarks("[1]", ["a"])).toBe("[1]");
  expect(withoutBookmarks(null, ["a"])).toBeNull();
});
