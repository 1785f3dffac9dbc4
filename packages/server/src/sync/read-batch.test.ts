import { expect, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { entityHash } from "./entity-record.ts";
import { ReadBatch } from "./read-batch.ts";
import type { SourceEntity } from "./source.ts";

function entity(id: string, text = "heron"): SourceEntity {
  return { kind: "entity", id, type: "thing", name: id, text };
}

function batchOf(...entities: readonly SourceEntity[]): ReadBatch {
  const batch = new ReadBatch(0);
  for (const each of entities) batch.add(each);
  return batch;
}

const storedAs = (one: SourceEntity) => [{ entityId: one.id, hash: entityHash(one), chunks: 1 }];

test("an entity with the stored hash has no chunks, unless a batch before or a deletion in its batch may change it", async () => {
  const one = entity("a");
  const chunksOf = async (batch: ReadBatch, ...before: readonly ReadBatch[]) =>
    (await batch.parts(storedAs(one), before)).at(-1)?.entities.map(({ chunks }) => chunks);
  expect(await chunksOf(batchOf(one))).toEqual([null]);
  expect(await chunksOf(batchOf(one), batchOf(entity("b")))).toEqual([null]);
  expect(await chunksOf(batchOf(one), batchOf(entity("a", "otter")), batchOf(entity("b")))).toEqual([["heron"]]);
  const deleting = new ReadBatch(0);
  deleting.addGone("a");
  expect(await chunksOf(batchOf(one), deleting)).toEqual([["heron"]]);
  deleting.add(one);
  expect(await chunksOf(deleting)).toEqual([["heron"]]);
});

test("a commit removes at most 1,000 stored chunks or one entity, and deletions come first", async () => {
  const entities = Array.from({ length: 5 }, (_, index) => entity(`${index}`));
  const batch = batchOf(...entities);
  for (let index = 0; index < 4; index++) batch.addGone(`gone ${index}`);
  const chunks = [400, 1, 0, 3_000, 600, 400, 401, 0, 200];
  const ids = ["gone 0", "gone 1", "gone 2", "gone 3", ...entities.map(({ id }) => id)];
  const stored = ids.map((entityId, index) => ({ entityId, hash: "another", chunks: chunks[index] ?? 0 }));
  const parts = await batch.parts(stored, []);
  expect(parts.map((part) => [...part.gone, ...part.entities.map(({ id }) => id)])).toEqual([
    ["gone 0", "gone 1", "gone 2"],
    ["gone 3"],
    ["0", "1"],
    ["2", "3", "4"],
  ]);
});

test("a batch is full by its entities or by the bytes of their texts and rows", () => {
  const few = Array.from({ length: limits.syncBatchEntitiesMax - 1 }, (_, index) => entity(`${index}`));
  const batch = batchOf(...few);
  expect(batch.isFull(0, 1)).toBe(false);
  batch.add(entity("one more"));
  expect(batch.isFull(0, 1)).toBe(true);
  const text = "x".repeat(1_000);
  const isFullWith = (count: number, letters = text) =>
    batchOf(...Array.from({ length: count }, (_, index) => entity(`${index}`, letters))).isFull(0, 1);
  expect([isFullWith(100), isFullWith(105)]).toEqual([false, true]);
  const threeBytesEach = "鷺".repeat(1_000);
  expect([isFullWith(40, threeBytesEach), isFullWith(41, threeBytesEach)]).toEqual([false, true]);
});
