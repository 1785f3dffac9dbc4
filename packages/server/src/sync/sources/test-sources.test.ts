import { expect, test } from "vitest";
import type { Source, SourceEntity, SourceItem } from "../source.ts";
import { stubSource } from "./stub/stub-source.ts";
import { timedSource } from "./timed/timed-source.ts";

async function all(source: Source, config: object, credentials: object, signal?: AbortSignal): Promise<SourceEntity[]> {
  const context = {
    owner: "test",
    config,
    credentials,
    cursor: null,
    storedHash: async () => null,
    signal: signal ?? new AbortController().signal,
  };
  const items: SourceItem[] = [];
  for await (const item of source.entities(context)) items.push(item);
  return items.filter((item) => item.kind === "entity");
}

const key = { stub_key: "any" };

test("the same seed generates the same entities, and another seed changes the text of the same ids", async () => {
  const first = await all(stubSource, { entity_count: 3, seed: 1 }, key);
  expect(await all(stubSource, { entity_count: 3, seed: 1 }, key)).toEqual(first);
  const other = await all(stubSource, { entity_count: 3, seed: 2 }, key);
  expect(other.map((item) => item.id)).toEqual(first.map((item) => item.id));
  expect(other).not.toEqual(first);
});

test("a stub generates ten entities by default, each with an id of its own", async () => {
  const items = await all(stubSource, {}, key);
  expect(new Set(items.map((item) => item.id)).size).toBe(10);
});

test("a stub fails after the configured number of entities, with the contract's message", async () => {
  const words = "Stub source simulated failure after 3 entities (fail_after=3)";
  await expect(all(stubSource, { entity_count: 9, fail_after: 3 }, key)).rejects.toThrow(words);
  await expect(all(stubSource, { entity_count: 3, fail_after: 3 }, key)).rejects.toThrow(words);
  await expect(all(stubSource, { fail_after: 0 }, key)).rejects.toThrow("after 0 entities (fail_after=0)");
  expect(await all(stubSource, { fail_after: -1 }, key)).toHaveLength(10);
  expect(await all(stubSource, { entity_count: 3, fail_after: 4 }, key)).toHaveLength(3);
});

test("the bounds of the contract apply, and other settings are refused", () => {
  const stub = (config: object) => stubSource.config.safeParse(config).success;
  const timed = (config: object) => timedSource.config.safeParse(config).success;
  const good = [
    { entity_count: 1 },
    { entity_count: 100_000 },
    { generation_delay_ms: 10_000 },
    { fail_after: 100_000 },
  ];
  const bad = [{ entity_count: 0 }, { entity_count: 100_001 }, { entity_count: 1.5 }, { generation_delay_ms: 10_001 }];
  expect(good.map(stub)).toEqual(good.map(() => true));
  expect([...bad, { fail_after: -2 }, { fail_after: 100_001 }, { more: 1 }].map(stub)).not.toContain(true);
  expect([{ duration_seconds: 0.1 }, { duration_seconds: 600 }].map(timed)).toEqual([true, true]);
  expect([{ duration_seconds: 0.09 }, { duration_seconds: 601 }].map(timed)).toEqual([false, false]);
  expect(stubSource.credentials.safeParse({}).success).toBe(false);
  expect(timedSource.credentials.safeParse({ timed_key: "k" }).success).toBe(true);
});

test("a timed source spreads its entities over its time", async () => {
  const begun = performance.now();
  const items = await all(timedSource, { entity_count: 500, duration_seconds: 0.2 }, { timed_key: "k" });
  expect(items).toHaveLength(500);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(190);
});

test("a timed source stops waiting when it is aborted", async () => {
  const stop = new AbortController();
  const items = all(timedSource, { entity_count: 1, duration_seconds: 600 }, { timed_key: "k" }, stop.signal);
  stop.abort();
  await expect(items).rejects.toThrow();
});
