import { expect, test } from "vitest";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { gate, scriptedSource, thing } from "./fixtures/scripted-source.ts";
import type { Source, SourceItem } from "./source.ts";
import { SourceList } from "./source-list.ts";
import { SourceTrials } from "./source-trials.ts";

const owner = "one" as OrganizationId;
const key = "a secret key";
const settings = { config: {}, authentication: { kind: "direct", credentials: { key } } } as const;

function trialsOf(read: () => AsyncIterable<SourceItem>, changes: Partial<Source> = {}) {
  const elapsed = gate();
  const clock = { now: () => 0, sleep: (ms: number) => (ms === limits.sourceTrialMs ? elapsed.opened : forever) };
  const source = { ...scriptedSource(() => read()), ...changes };
  return { trials: new SourceTrials(new SourceList([source]), clock), elapse: elapsed.open };
}

const forever = new Promise<void>(() => {});

test("a check reads the first entities only, and ends the reading", async () => {
  const { trials } = trialsOf(async function* () {
    yield { kind: "rest_stays" };
    for (let id = 0; ; id++) yield thing(String(id));
  });
  const { entities, error } = await trials.check(owner, "scripted", settings);
  expect(entities.map(({ id }) => id)).toEqual(["0", "1", "2", "3", "4"]);
  expect(error).toBeNull();
});

test("a check returns the entities before an error, and the reason without credentials", async () => {
  const { trials } = trialsOf(async function* () {
    yield thing("a");
    throw new Error(`The key ${key} is wrong.`);
  });
  const { entities, error } = await trials.check(owner, "scripted", settings);
  expect(entities).toHaveLength(1);
  expect(error).toBe("The source failed: The key *** is wrong.");
});

test("a check that takes too long ends with that reason", async () => {
  const began = gate();
  const { trials, elapse } = trialsOf(async function* () {
    began.open();
    await forever;
    yield thing("never");
  });
  const check = trials.check(owner, "scripted", settings);
  await began.opened;
  elapse();
  expect((await check).error).toBe("The source took longer than 120 seconds.");
});

test("an organization has a limited number of checks in progress, and others are not affected", async () => {
  const began = gate();
  const { trials, elapse } = trialsOf(async function* () {
    began.open();
    await forever;
    yield thing("never");
  });
  const checks = Array.from({ length: limits.sourceTrialsPerOrganizationMax }, () =>
    trials.check(owner, "scripted", settings),
  );
  await began.opened;
  await expect(trials.check(owner, "scripted", settings)).rejects.toMatchObject({ code: "rate_limited" });
  const others = trials.check("two" as OrganizationId, "scripted", settings);
  elapse();
  expect((await others).error).toContain("longer than");
  await Promise.all(checks);
  expect((await trials.check(owner, "scripted", settings)).error).toContain("longer than");
});

test("streams are listed, and an error of the source is one of the request, without credentials", async () => {
  const stream = {
    ...{ id: "a", name: "a", keyProperties: [], replicationKeys: [], replicationMethod: null },
    ...{ isSelectedByDefault: true, properties: [] },
  };
  const read = async function* () {};
  const good = trialsOf(read, { discover: async () => [stream] });
  expect(await good.trials.discover(owner, "scripted", settings)).toEqual([stream]);
  const bad = trialsOf(read, { discover: () => Promise.reject(new Error(`The key ${key} is wrong.`)) });
  await expect(bad.trials.discover(owner, "scripted", settings)).rejects.toMatchObject({
    code: "bad_request",
    message: "The source failed: The key *** is wrong.",
  });
  await expect(trialsOf(read).trials.discover(owner, "scripted", settings)).rejects.toMatchObject({
    code: "bad_request",
  });
  await expect(good.trials.discover(owner, "other", settings)).rejects.toMatchObject({ code: "not_found" });
});
