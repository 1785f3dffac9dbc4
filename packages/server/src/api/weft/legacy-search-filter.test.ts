import fc from "fast-check";
import { expect, test } from "vitest";
import type { SearchCondition, SearchFilter } from "../../domain/search-filter.ts";
import { type LegacyCondition, type LegacyFilter, legacyFilterOf } from "./legacy-search-filter.ts";

type Chunk = Readonly<Record<string, number | string>>;

/** Whether groups of conditions match a chunk that has a value in each of their fields. */
function matches(filter: SearchFilter, chunk: Chunk): boolean {
  return filter.length === 0 || filter.some((group) => group.every((condition) => holds(condition, chunk)));
}

function holds(condition: SearchCondition, chunk: Chunk): boolean {
  const value = chunk[condition.field] as never;
  if (condition.kind === "isIn") return (condition.values as readonly unknown[]).includes(value) !== condition.negated;
  if (condition.kind === "contains") return String(value).includes(condition.value);
  const signs = {
    greater_than: value > condition.value,
    greater_than_or_equal: value >= condition.value,
    less_than: value < condition.value,
    less_than_or_equal: value <= condition.value,
  };
  return signs[condition.operator];
}

/** The meaning of a filter by its documentation. */
function means({ must, should, must_not }: LegacyFilter, chunk: Chunk): boolean {
  const holds = (condition: LegacyCondition) => meansCondition(condition, chunk);
  const isOne = !should || should.length === 0 || should.some(holds);
  return (must ?? []).every(holds) && isOne && !(must_not ?? []).some(holds);
}

function meansCondition(condition: LegacyCondition, chunk: Chunk): boolean {
  if ("match" in condition) {
    const { value, any, except } = condition.match;
    const own = chunk[condition.key] as never;
    return (value === undefined || own === value) && (any?.includes(own) ?? true) && !(except?.includes(own) ?? false);
  }
  if ("range" in condition) {
    const own = chunk["airweave_system_metadata.chunk_index"] as number;
    const { gt, gte, lt, lte } = condition.range as Record<string, number | undefined>;
    const above = (gt === undefined || own > gt) && (gte === undefined || own >= gte);
    return above && (lt === undefined || own < lt) && (lte === undefined || own <= lte);
  }
  if ("has_id" in condition) return condition.has_id.includes(String(chunk.entity_id));
  return means(condition, chunk);
}

const name = fc.constantFrom("a", "b", "c");
const index = fc.integer({ min: 0, max: 3 });
const leaf = fc.oneof(
  fc.record({ key: fc.constant("name"), match: fc.record({ value: name }) }),
  fc.record({ key: fc.constant("name"), match: fc.record({ any: fc.array(name, { maxLength: 2 }) }) }),
  fc.record({ key: fc.constant("name"), match: fc.record({ except: fc.array(name, { maxLength: 2 }) }) }),
  fc.record({ key: fc.constant("chunk_index"), range: fc.record({ gt: index, lte: index }, { requiredKeys: [] }) }),
  fc.record({ has_id: fc.array(name, { maxLength: 2 }) }),
);
const conditions = fc.array(leaf, { maxLength: 2 });
const filter = fc.record({ must: conditions, should: conditions, must_not: conditions }, { requiredKeys: [] });
const nested = fc.record({ must: fc.array(fc.oneof(leaf, filter), { maxLength: 2 }), must_not: conditions });

test("groups of conditions match exactly the chunks that the filter means", () => {
  fc.assert(
    fc.property(nested, name, index, (given, own, chunkIndex) => {
      const chunk = { name: own, entity_id: own, "airweave_system_metadata.chunk_index": chunkIndex };
      expect(matches(legacyFilterOf(given as LegacyFilter), chunk)).toBe(means(given as LegacyFilter, chunk));
    }),
  );
});

test("keys may have the name of the object that contains them, and an unknown key matches no chunk", () => {
  for (const key of ["source_name", "system_metadata.source_name", "airweave_system_metadata.source_name"]) {
    expect(legacyFilterOf({ must: [{ key, match: { value: "stub" } }] })).toEqual([
      [{ kind: "isIn", field: "airweave_system_metadata.source_name", values: ["stub"], negated: false }],
    ]);
  }
  const unknown = legacyFilterOf({ must: [{ key: "constructor", match: { value: "x" } }] });
  expect(matches(unknown, { entity_id: "a" })).toBe(false);
  expect(legacyFilterOf({ must: [] })).toEqual([[]]);
});

test("a filter with too many alternatives is refused", () => {
  const should = [1, 2, 3].map((value) => ({ key: "chunk_index", match: { value } }));
  const must = Array.from({ length: 5 }, () => ({ should }));
  expect(() => legacyFilterOf({ must })).toThrow(expect.objectContaining({ code: "validation_failed" }));
});
