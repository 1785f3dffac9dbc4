import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { SyncJobId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { SourceConnectionKey, SourceConnectionView } from "../store/source-connections/interface.ts";
import { countingSource } from "./fixtures/counting-source.ts";
import { scriptedSource, thing } from "./fixtures/scripted-source.ts";
import { keyOf, newFolder, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import type { Source, SourceItem } from "./source.ts";

type Reading = (cursor: string | null) => AsyncIterable<SourceItem> | Iterable<SourceItem>;

/** A connection whose reads the test defines, job by job. */
async function opened() {
  let reading: Reading = () => [];
  const weft = await openTestWeft({
    sources: [
      scriptedSource(async function* (_, cursor) {
        yield* reading(cursor);
      }),
    ],
  });
  const connection = await weft.connect("scripted");
  const sync = (next: Reading) => {
    reading = next;
    return run(weft, connection);
  };
  return { weft, connection, sync };
}

async function run(weft: TestWeft, connection: SourceConnectionView, options = {}) {
  const key = keyOf(connection);
  const job = await weft.ended(key, (await weft.connections.run(key, options)).id);
  const { chunksWritten: _, ...counts } = job.counts;
  return { state: job.state, ...counts, error: job.state === "failed" ? job.error : null };
}

test("a job that reads everything gets no cursor and no stored hashes, and deletes the entities that it does not see", async () => {
  const handed: (string | null)[] = [];
  const hashes: (string | null)[] = [];
  const source: Source = {
    ...scriptedSource(async function* () {}),
    entities: async function* ({ cursor: cursorBefore, storedHash }) {
      handed.push(cursorBefore);
      hashes.push(await storedHash("a"));
      if (cursorBefore !== null) yield restStays;
      yield thing("a");
      if (handed.length === 1) yield thing("b");
      yield cursor(String(handed.length));
    },
  };
  const weft = await openTestWeft({ sources: [source] });
  await using _ = weft;
  const connection = await weft.connect("scripted");
  await run(weft, connection);
  const full = await run(weft, connection, { readsEverything: true });
  expect(full).toMatchObject({ state: "completed", inserted: 0, skipped: 1, deleted: 1 });
  expect(await run(weft, connection)).toMatchObject({ deleted: 0, skipped: 1 });
  expect(handed).toEqual([null, null, "2"]);
  expect(hashes).toEqual([null, null, expect.any(String)]);
});

async function stored(weft: TestWeft, { id }: SourceConnectionView, entityIds: string[]): Promise<string[]> {
  const found = await weft.store.readEntityHashes({ sourceConnectionId: id, entityIds });
  return found.map(({ entityId }) => entityId).sort();
}

function cursor(value: string): SourceItem {
  return { kind: "cursor", value };
}

const restStays: SourceItem = { kind: "rest_stays" };

test("a job gets the last cursor of the previous job, even if that one failed", async () => {
  const { weft, sync } = await opened();
  await using _ = weft;
  const handed: (string | null)[] = [];
  const first = await sync((cursorBefore) => {
    handed.push(cursorBefore);
    return [thing("a"), cursor("1"), thing("b"), cursor("2")];
  });
  expect(first).toMatchObject({ state: "completed", inserted: 2 });
  const second = await sync(function* (cursorBefore) {
    handed.push(cursorBefore);
    yield restStays;
    yield thing("c");
    yield cursor("3");
    yield thing("d");
    throw new Error("No more.");
  });
  expect(second).toMatchObject({ state: "failed", inserted: 2 });
  await sync((cursorBefore) => {
    handed.push(cursorBefore);
    return [];
  });
  expect(handed).toEqual([null, "2", "3"]);
});

test("a cursor of a job that reads everything is stored only after deleted entities were removed", async () => {
  const { weft, sync } = await opened();
  await using _ = weft;
  await sync(() => [thing("a"), thing("b")]);
  const handed: (string | null)[] = [];
  await sync(function* () {
    yield thing("a");
    yield cursor("1");
    throw new Error("No more.");
  });
  const folder: SourceItem = { kind: "problem", id: "folder/", reason: "It cannot be read.", keeps: "everything" };
  await sync((cursorBefore) => {
    handed.push(cursorBefore);
    return [thing("a"), folder, cursor("2")];
  });
  const whole = await sync((cursorBefore) => {
    handed.push(cursorBefore);
    return [thing("a"), cursor("3")];
  });
  expect(whole).toMatchObject({ deleted: 1, skipped: 1 });
  await sync((cursorBefore) => {
    handed.push(cursorBefore);
    return [restStays];
  });
  expect(handed).toEqual([null, null, "3"]);
});

test("a job that reads only changes counts those, and leaves other entities unchanged", async () => {
  const { weft, connection, sync } = await opened();
  await using _ = weft;
  await sync(() => [thing("a"), thing("b"), thing("c"), thing("d")]);
  const changes = await sync(() => [thing("a"), thing("b", "new"), { kind: "gone", id: "c" }, restStays, thing("e")]);
  expect(changes).toMatchObject({ inserted: 1, updated: 1, deleted: 1, skipped: 1 });
  expect(await stored(weft, connection, ["a", "b", "c", "d", "e"])).toEqual(["a", "b", "d", "e"]);
  expect(await sync(() => [thing("a")])).toMatchObject({ deleted: 3, skipped: 1 });
});

test("an entity that was added and deleted in one job is missing at its end, and one that was deleted and added exists", async () => {
  const { weft, connection, sync } = await opened();
  await using _ = weft;
  await sync(() => [thing("back")]);
  const items = [thing("brief"), { kind: "gone", id: "brief" }, { kind: "gone", id: "back" }, thing("back")] as const;
  expect(await sync(() => [restStays, ...items])).toMatchObject({ inserted: 1, deleted: 1 });
  expect(await stored(weft, connection, ["brief", "back"])).toEqual(["back"]);
});

test("a job that reads only changes also removes entities that became invalid, and keeps unreadable ones", async () => {
  const { weft, connection, sync } = await opened();
  await using _ = weft;
  await sync(() => [thing("huge"), thing("binary"), thing("busy")]);
  const changes = await sync(() => [
    restStays,
    thing("huge", "x".repeat(limits.entityTextBytesMax + 1)),
    { kind: "problem", id: "binary", reason: "It is binary.", keeps: "nothing" },
    { kind: "problem", id: "busy", reason: "It is busy.", keeps: "itself" },
  ]);
  expect(changes).toMatchObject({ failed: 3, deleted: 2 });
  expect(await stored(weft, connection, ["huge", "binary", "busy"])).toEqual(["busy"]);
});

test("changed settings make the source begin again, even if a job was running with the old ones", async () => {
  const { weft, connection, sync } = await opened();
  await using _ = weft;
  await sync(() => [cursor("1")]);
  await sync(async function* () {
    await weft.connections.update(keyOf(connection), { config: { other: true } });
    yield cursor("2");
  });
  let handed: string | null = "not called";
  await sync((cursorBefore) => {
    handed = cursorBefore;
    return [];
  });
  expect(handed).toBeNull();
});

test("a cursor beyond its limit fails the job, and is in no reason", async () => {
  const { weft, sync } = await opened();
  await using _ = weft;
  const result = await sync(() => [cursor("x".repeat(limits.sourceCursorBytesMax + 1))]);
  expect(result).toMatchObject({ state: "failed", error: expect.stringMatching(/^The source failed: .{1,80}$/) });
});

test("a cursor is encrypted at rest", async () => {
  const folder = newFolder();
  {
    const source = scriptedSource(async function* () {
      yield cursor("delta-token-12345");
    });
    await using weft = await openTestWeft({ sources: [source], folder });
    await run(weft, await weft.connect("scripted"));
  }
  const db = new DatabaseSync(join(folder, "weft.db"));
  const row = db.prepare("select sync_cursor from source_connection").get();
  db.close();
  rmSync(folder, { recursive: true });
  expect(row?.sync_cursor).toMatch(/^v2:/);
  expect(row?.sync_cursor).not.toContain("12345");
});

test("after a kill in the middle the next job continues from the last cursor, and every entity exists once", async () => {
  const folder = newFolder();
  const program = new URL("./fixtures/counting-process-that-dies.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const { key, jobId } = JSON.parse(String(said)) as { key: SourceConnectionKey; jobId: SyncJobId };
  child.kill("SIGKILL");
  await once(child, "exit");

  {
    await using weft = await openTestWeft({ sources: [countingSource({ hangsAt: null })], folder });
    const dead = await weft.ended(key, jobId);
    expect(dead).toMatchObject({ state: "failed" });
    const next = await weft.ended(key, (await weft.connections.run(key)).id);
    expect(next).toMatchObject({ state: "completed", counts: { updated: 0, deleted: 0 } });
    // A full batch is stored, so that its last entity may be stored before that entity's cursor.
    expect(next.counts.skipped).toBeLessThanOrEqual(1);
    expect(dead.counts.inserted).toBeGreaterThanOrEqual(128);
    expect(dead.counts.inserted + next.counts.inserted).toBe(500);
    expect((await weft.store.readSourceConnection(key))?.entityCount).toBe(500);
  }
  rmSync(folder, { recursive: true });
});

test("a job of changes deletes unmentioned entities of the parts that it read completely, before the cursor after them is stored", async () => {
  const { weft, connection, sync } = await opened();
  await using _ = weft;
  await sync(() => [restStays, thing("a/1"), thing("a/2"), thing("b/1"), cursor("1")]);
  const ids = ["a/1", "a/2", "b/1"];
  const restGone: SourceItem = { kind: "rest_gone", idPrefix: "a/", seenBy: [] };
  const read = () => weft.store.readSyncCursor({ sourceConnectionId: connection.id });
  const failing = await sync(async function* () {
    yield* [restStays, thing("a/1"), restGone, cursor("2")];
    throw new Error("It failed.");
  });
  expect(failing).toMatchObject({ state: "failed", deleted: 0 });
  expect(await read()).toBe("1");
  expect(await stored(weft, connection, ids)).toEqual(ids);
  expect(await sync(() => [restStays, thing("a/1"), restGone, cursor("3")])).toMatchObject({ deleted: 1, skipped: 1 });
  expect(await read()).toBe("3");
  expect(await stored(weft, connection, ids)).toEqual(["a/1", "b/1"]);
});

test("a job that could not list some entities deletes none of those that it read completely", async () => {
  const { weft, connection, sync } = await opened();
  await using _ = weft;
  await sync(() => [restStays, thing("a/1"), thing("a/2")]);
  const unlisted: SourceItem = { kind: "problem", id: "a", reason: "It cannot be listed.", keeps: "everything" };
  await sync(() => [restStays, unlisted, thing("a/1"), { kind: "rest_gone", idPrefix: "", seenBy: [] }]);
  expect(await stored(weft, connection, ["a/1", "a/2"])).toEqual(["a/1", "a/2"]);
});

test("an entity that replaces an earlier one of the same job is stored", async () => {
  const { weft, sync } = await opened();
  await using _ = weft;
  const later: SourceItem = { kind: "entity", id: "a", type: "thing", name: "a", text: "new", replacesEarlier: true };
  expect(await sync(() => [thing("a"), later])).toMatchObject({ inserted: 1 });
  expect(await sync(() => [later])).toMatchObject({ skipped: 1 });
  expect(await sync(() => [thing("a", "new"), thing("a")])).toMatchObject({ skipped: 1 });
});
