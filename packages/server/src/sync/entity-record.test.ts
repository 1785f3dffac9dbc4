import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { entityHash, recordOf, unfitness } from "./entity-record.ts";
import type { SourceEntity } from "./source.ts";

const page: SourceEntity = { kind: "entity", id: "p", type: "page", name: "Page", text: "heron" };
const unchanged = { hash: entityHash(page), chunks: null };
const folder = { id: "f", type: "folder", name: "Folder" };

test("an entity has the times and breadcrumbs of its source", async () => {
  const entity = { ...page, createdAt: 1_000, updatedAt: 2_000, breadcrumbs: [folder] };
  expect(recordOf(entity, unchanged)).toMatchObject({
    createdAt: 1_000,
    updatedAt: 2_000,
    breadcrumbs: [folder],
  });
  expect(recordOf(page, unchanged)).toMatchObject({ createdAt: null, updatedAt: null, breadcrumbs: [] });
});

test("a number that is no time is ignored", async () => {
  for (const createdAt of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, 1e18, 8.64e15]) {
    expect(recordOf({ ...page, createdAt }, unchanged)).toMatchObject({ createdAt: null });
  }
  expect(recordOf({ ...page, updatedAt: 0 }, unchanged)).toMatchObject({ updatedAt: 0 });
});

test("any breadcrumbs become JSON within the limits that both databases can read", async () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\0", "\ud800", "x".repeat(3_000), "a\0\udc00"));
  const breadcrumbs = fc.array(fc.record({ id: text, type: text, name: text }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(breadcrumbs, async (given) => {
      const record = recordOf({ ...page, breadcrumbs: given }, unchanged);
      expect(record.breadcrumbs).toHaveLength(Math.min(given.length, limits.breadcrumbsMax));
      for (const { id, type, name } of record.breadcrumbs) {
        expect(id.length).toBeLessThanOrEqual(limits.entityIdLengthMax);
        expect(type.length).toBeLessThanOrEqual(limits.entityTypeLengthMax);
        expect(name.length).toBeLessThanOrEqual(limits.nameLengthMax);
        expect(`${id}${type}${name}`).not.toContain("\0");
        expect([id, type, name].every((one) => one.isWellFormed())).toBe(true);
      }
    }),
  );
});

test("a change of any property changes the hash", () => {
  const changes: Partial<SourceEntity>[] = [
    ...[{ id: "q" }, { type: "file" }, { name: "Other" }, { text: "trout" }, { url: "https://example.com" }],
    ...[{ createdAt: 1 }, { updatedAt: 1 }, { breadcrumbs: [] }, { breadcrumbs: [folder] }],
    { breadcrumbs: [{ ...folder, name: "Renamed" }] },
  ];
  const hashes = [{}, ...changes].map((change) => entityHash({ ...page, ...change }));
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("an entity whose id a database would change is not stored", () => {
  for (const id of ["a\0", "\ud800", "a\udc00b"])
    expect(unfitness({ ...page, id })).toMatch(/neither NUL nor incomplete/);
  for (const id of ["a", "𠮷", "\uFFFD"]) expect(unfitness({ ...page, id })).toBeNull();
});

test("breadcrumbs beyond the limit do not change the hash, and need no work", () => {
  const folders = Array.from({ length: limits.breadcrumbsMax }, (_, at) => ({ ...folder, id: `${at}` }));
  const hash = entityHash({ ...page, breadcrumbs: folders });
  expect(entityHash({ ...page, breadcrumbs: [...folders, folder] })).toBe(hash);
});
