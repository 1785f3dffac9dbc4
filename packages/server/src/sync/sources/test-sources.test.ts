import { expect, test } from "vitest";
import { CredentialsRefusedError, type Source, type SourceEntity, SourceError, type SourceItem } from "../source.ts";
import { exceptionStubSource } from "./exception-stub/exception-stub-source.ts";
import { incrementalStubSource } from "./incremental-stub/incremental-stub-source.ts";
import { stubSource } from "./stub/stub-source.ts";
import { timedSource } from "./timed/timed-source.ts";

async function read(
  source: Source,
  { config, credentials, cursor = null, signal }: ReadRequest,
  items: SourceItem[] = [],
): Promise<SourceItem[]> {
  const context = {
    owner: "test",
    config,
    credentials,
    cursor,
    storedHash: async () => null,
    signal: signal ?? new AbortController().signal,
  };
  for await (const item of source.entities(context)) items.push(item);
  return items;
}

interface ReadRequest {
  readonly config: object;
  readonly credentials: object;
  readonly cursor?: string | null;
  readonly signal?: AbortSignal;
}

async function all(source: Source, config: object, credentials: object, signal?: AbortSignal): Promise<SourceEntity[]> {
  const items = await read(source, { config, credentials, ...(signal !== undefined && { signal }) });
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

test("the first entity of a stub is its container, and the weights choose the types of the others", async () => {
  const types = async (config: object) => (await all(stubSource, config, key)).map(({ type }) => type);
  const [container, ...rest] = await types({ entity_count: 400 });
  expect([container, new Set(rest).size, rest.includes("StubContainerEntity")]).toEqual([
    "StubContainerEntity",
    6,
    false,
  ]);
  const shareOf = (type: string) => rest.filter((one) => one === type).length / rest.length;
  expect(shareOf("SmallStubEntity")).toBeGreaterThan(shareOf("LargeStubFileEntity"));
  const none = {
    ...{ small_entity_weight: 0, medium_entity_weight: "0", large_entity_weight: 0 },
    ...{ small_file_weight: 0, large_file_weight: 0 },
  };
  expect(await types({ entity_count: 3, ...none, code_file_weight: "100" })).toEqual([
    "StubContainerEntity",
    "CodeStubFileEntity",
    "CodeStubFileEntity",
  ]);
  for (const code_file_weight of [0, 101, -1, "x"]) {
    expect(stubSource.config.safeParse({ ...none, code_file_weight }).success, String(code_file_weight)).toBe(false);
  }
});

test("every text of a stub has the words stub and test, and the configured prefix and special tokens", async () => {
  const config = { entity_count: 60, inject_special_tokens: true, custom_content_prefix: "Chapter one." };
  const [container, ...rest] = await all(stubSource, config, key);
  for (const text of [container?.text, ...rest.map((one) => one.text)]) expect(text).toMatch(/\bstub\b.*\btest\b/);
  for (const { text } of rest) {
    expect(text.startsWith("Chapter one.\n")).toBe(true);
    expect(text).toContain("<|endoftext|>");
  }
  const lengths = Object.fromEntries(rest.map(({ type, text }) => [type, text.length]));
  expect(lengths.LargeStubFileEntity).toBeGreaterThan((lengths.SmallStubEntity ?? 0) * 10);
});

test("an incremental stub reads everything without a cursor, and only its container and new entities with one", async () => {
  const ids = async (config: object, cursor: string | null) =>
    (await read(incrementalStubSource, { config, credentials: key, cursor })).map((item) =>
      "id" in item ? item.id : "value" in item ? item.value : item.kind,
    );
  expect(await ids({ entity_count: 2 }, null)).toEqual(["stub-container", "stub-0", "stub-1", "1"]);
  expect(await ids({ entity_count: 4 }, "1")).toEqual(["rest_stays", "stub-container", "stub-2", "stub-3", "3"]);
  expect(await ids({ entity_count: 4 }, "3")).toEqual(["rest_stays", "stub-container", "3"]);
});

test.each([
  [0, 1],
  [3, 4],
  [9, 10],
  [-1, 10],
  [10, null],
])("an exception stub of ten entities with trigger_after %i fails after %j", async (trigger_after, yielded) => {
  const items: SourceItem[] = [];
  const reading = read(exceptionStubSource, { config: { trigger_after }, credentials: key }, items);
  if (yielded === null) await reading;
  else await expect(reading).rejects.toThrow(/^\[ExceptionStub\] An unexpected error/);
  expect(items).toHaveLength(yielded ?? 10);
});

test.each([
  ["source_rate_limit_error", "oauth", undefined],
  ["source_auth_error", "oauth", "oauth_credentials_expired"],
  ["token_expired", "static", "api_key_invalid"],
  ["token_credentials_invalid", "credential", "api_key_invalid"],
  ["source_token_refresh_error", "auth_provider", undefined],
])("an exception stub fails with %s of %s, without a retry", async (exception_type, auth_provider_kind, category) => {
  const config = { exception_type, auth_provider_kind, trigger_after: 0, error_message: "As configured." };
  const failure = await read(exceptionStubSource, { config, credentials: key }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: category === undefined ? "SourceError" : "CredentialsRefusedError" });
  expect(failure).toBeInstanceOf(SourceError);
  expect((failure as SourceError).message).toBe("As configured.");
  expect(failure instanceof CredentialsRefusedError ? failure.category : undefined).toBe(category);
});

test("a timed source yields its container before its entities", async () => {
  const items = await all(timedSource, { entity_count: 2, duration_seconds: 0.1 }, { timed_key: "k" });
  expect(items.map(({ type }) => type)).toEqual(["TimedContainerEntity", "TimedEntity", "TimedEntity"]);
});

test("a timed source spreads its entities over its time", async () => {
  const begun = performance.now();
  const items = await all(timedSource, { entity_count: 500, duration_seconds: 0.2 }, { timed_key: "k" });
  expect(items).toHaveLength(501);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(190);
});

test("a timed source stops waiting when it is aborted", async () => {
  const stop = new AbortController();
  const items = all(timedSource, { entity_count: 1, duration_seconds: 600 }, { timed_key: "k" }, stop.signal);
  stop.abort();
  await expect(items).rejects.toThrow();
});
