import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SyncJobId } from "../domain/id.ts";
import { anyEntity } from "../store/entities/interface.ts";
import type { SourceConnectionKey, SourceConnectionView } from "../store/source-connections/interface.ts";
import { keyOf, newFolder, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { birdsSource } from "./sources/singer/fixtures/test-taps.ts";

const token = "a secret of the tap";
let folder: string;
let file: string;
let notes: string[];
let weft: TestWeft;

beforeEach(async () => {
  folder = newFolder();
  file = join(folder, "birds.json");
  notes = [];
  weft = await openTestWeft({
    sources: [birdsSource()],
    reporter: { syncJobFinished: (fact) => void notes.push(...fact.notes) },
  });
});

afterEach(async () => {
  await weft[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function data(content: object): void {
  writeFileSync(file, JSON.stringify(content));
}

const row = (id: number | string, name: string, updated = 0) => ({ id, name, updated });

function connect(config: Record<string, unknown> = {}): Promise<SourceConnectionView> {
  return weft.connect("singer", { config: { tap: "birds", ...config }, credentials: { config: { file, token } } });
}

async function sync(connection: SourceConnectionView, options = {}) {
  const key = keyOf(connection);
  const job = await weft.ended(key, (await weft.connections.run(key, options)).id);
  const { inserted, updated, deleted, skipped, failed } = job.counts;
  return {
    state: job.state,
    inserted,
    updated,
    deleted,
    skipped,
    failed,
    error: job.state === "failed" ? job.error : null,
  };
}

async function stored(of: TestWeft, { sourceConnectionId }: SourceConnectionKey): Promise<string[]> {
  const ids = ["birds", "sightings"].flatMap((stream) => [1, 2, 3, 4, 5, 6].map((id) => `${stream}/${id}`));
  const found = await of.store.readEntityHashes({ sourceConnectionId, entityIds: ids });
  return found.map(({ entityId }) => entityId).sort();
}

async function found({ collectionId }: SourceConnectionView, query: string) {
  const { organizationId } = weft;
  const hits = await weft.store.searchCollection({
    ...anyEntity,
    ...{ organizationId, collectionId, query, limit: 10, offset: 0 },
  });
  return hits.map(({ entityId, type, name }) => ({ id: entityId, type, name }));
}

test("records become entities with the key as id, the stream as type, a name and a text", async () => {
  data({ birds: [row("a/b", "Grey heron")], sightings: [row(7, "Kingfisher", 1)] });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 2 });
  expect(await found(connection, "heron")).toEqual([{ id: "birds/a%2Fb", type: "birds", name: "Grey heron" }]);
  expect(await found(connection, "kingfisher")).toEqual([{ id: "sightings/7", type: "sightings", name: "Kingfisher" }]);
});

test("a job deletes missing records of a table that is read completely, and keeps those of a stream that is read from a state", async () => {
  data({ birds: [row(1, "Heron"), row(2, "Wren")], sightings: [row(1, "One", 1), row(2, "Two", 2)] });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 4 });
  data({ birds: [row(2, "Wren"), row(3, "Owl")], sightings: [row(2, "Two again", 3)] });
  expect(await sync(connection)).toMatchObject({ inserted: 1, updated: 1, deleted: 1, skipped: 1, failed: 0 });
  expect(await stored(weft, keyOf(connection))).toEqual(["birds/2", "birds/3", "sightings/1", "sightings/2"]);
});

test("a new version of a stream deletes the records that it does not contain", async () => {
  data({ sightings: [row(1, "One", 1), row(2, "Two", 2)], version: 1 });
  const connection = await connect();
  await sync(connection);
  data({ sightings: [row(3, "Three", 3)], version: 1 });
  expect(await sync(connection)).toMatchObject({ inserted: 1, deleted: 0 });
  data({ sightings: [row(4, "Four", 4)], version: 2 });
  expect(await sync(connection)).toMatchObject({ inserted: 1, deleted: 3 });
  expect(await stored(weft, keyOf(connection))).toEqual(["sightings/4"]);
});

test("after a change of the selected streams, the entities of the others are deleted", async () => {
  data({ birds: [row(1, "Heron")], sightings: [row(1, "One", 1)] });
  const connection = await connect();
  await sync(connection);
  await weft.connections.update(keyOf(connection), { config: { tap: "birds", streams: ["birds"] } });
  expect(await sync(connection)).toMatchObject({ skipped: 1, deleted: 1 });
  expect(await stored(weft, keyOf(connection))).toEqual(["birds/1"]);
});

test("the last version of a record that a tap sends twice is stored, and counts once", async () => {
  data({
    birds: [row(1, "Heron"), ...Array.from({ length: 200 }, (_, index) => row(`x${index}`, "Wren")), row(1, "Stork")],
  });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 201, updated: 0 });
  expect(await found(connection, "stork")).toHaveLength(1);
  expect(await found(connection, "heron")).toEqual([]);
});

test("a stream that the tap does not have fails the job with the names of the others", async () => {
  data({});
  const error = "The tap birds has no stream storks. Its streams are: birds, sightings.";
  expect(await sync(await connect({ streams: ["storks"] }))).toMatchObject({ state: "failed", error });
});

test("properties of the settings name the entities and are their text", async () => {
  data({ birds: [row(5, "Heron", 77)] });
  const connection = await connect({ name_properties: ["birds.updated"], text_properties: ["birds.name"] });
  await sync(connection);
  expect(await found(connection, "heron")).toEqual([{ id: "birds/5", type: "birds", name: "77" }]);
  expect(await found(connection, "updated")).toEqual([]);
});

test("a tap that fails ends the job with its last message, without secrets, and the stored state remains", async () => {
  data({ sightings: [row(1, "One", 1), row(2, "Two", 2), row(3, "Three", 3)], failsAfter: 2 });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({
    state: "failed",
    inserted: 2,
    error: "The tap birds ended with exit status 1: CRITICAL The token *** was refused.",
  });
  await expect
    .poll(() => notes)
    .toEqual(["INFO Signed in with ***.", "INFO Reading.", "CRITICAL The token *** was refused."]);
  data({ sightings: [row(1, "Old", 1), row(3, "Three", 3)] });
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 1, updated: 0, deleted: 0 });
  expect(await stored(weft, keyOf(connection))).toEqual(["sightings/1", "sightings/2", "sightings/3"]);
});

test("a tap runs in a folder that only this user can read and that is removed, and sees only the variables for it", async () => {
  data({ birds: [] });
  process.env.WEFT_TEST_SECRET = "of the operator";
  await sync(await connect());
  delete process.env.WEFT_TEST_SECRET;
  const seen = JSON.parse(readFileSync(`${file}.environment`, "utf8")) as {
    environment: Record<string, string>;
    folder: string;
  };
  expect(
    Object.keys(seen.environment)
      .filter((name) => !["PWD", "SHLVL", "_", "OLDPWD"].includes(name))
      .sort(),
  ).toEqual(
    ["HOME", "LC_ALL", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR"].filter((name) => name in seen.environment),
  );
  expect(seen.environment.HOME).toBe(seen.folder);
  await expect.poll(() => existsSync(seen.folder), { timeout: 20_000 }).toBe(false);
});

test("the credentials are a JSON object, which the API does not return", async () => {
  data({ birds: [row(1, "Heron")] });
  const text = JSON.stringify({ file, token });
  const connection = await weft.connect("singer", { config: { tap: "birds" }, credentials: { config: text } });
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 1 });
  expect(JSON.stringify(connection)).not.toContain(token);
  const config = { tap: "birds" };
  await expect(weft.connect("singer", { config, credentials: { config: "[]" } })).rejects.toThrow("JSON object");
  await expect(weft.connect("singer", { config: { tap: "other" }, credentials: { config: {} } })).rejects.toThrow(
    "tap",
  );
});

test("a job continues from the stored state after its process was killed, and then detects all deletions", async () => {
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => row(from + index, `Bird ${from + index}`, from + index));
  data({ sightings: rows(1, 200), birds: rows(1, 6), hangsAfter: 150 });
  const shared = newFolder();
  const child = spawn(process.execPath, [
    join(import.meta.dirname, "sources/singer/fixtures/job-that-dies.ts"),
    shared,
    file,
    "128",
  ]);
  const [output] = (await once(child.stdout, "data")) as [Buffer];
  const { key, jobId } = JSON.parse(String(output)) as { key: SourceConnectionKey; jobId: SyncJobId };
  // The file may exist before its content.
  await expect.poll(() => existsSync(`${file}.hangs`) && readFileSync(`${file}.hangs`, "utf8")).toMatch(/\d/);
  const tapProcess = Number(readFileSync(`${file}.hangs`, "utf8"));
  const leftFolder = () =>
    readdirSync(tmpdir()).filter((name) => name.startsWith("weft-singer-") && name.includes(`-${child.pid}-`));
  expect(leftFolder().map((name) => statSync(join(tmpdir(), name)).mode & 0o777)).toEqual([0o700]);
  child.kill("SIGKILL");
  await once(child, "exit");
  await expect.poll(() => isRunning(tapProcess), { timeout: 20_000 }).toBe(false);

  // A tap that began again would send the first record, which has changed.
  data({ sightings: [row(1, "Not sent again", 1), ...rows(100, 200)], birds: rows(2, 6) });
  const again = await openTestWeft({ sources: [birdsSource()], folder: shared, starts: false });
  await using _ = again;
  again.runner.start();
  await expect
    .poll(async () => (await again.store.readSyncJob({ ...key, jobId }))?.state, { timeout: 20_000 })
    .toBe("failed");
  const job = await again.ended(key, (await again.connections.run(key)).id);
  expect(job).toMatchObject({ state: "completed", counts: { updated: 0, deleted: 0 } });
  const view = await again.store.readSourceConnection(key);
  expect(view?.entityCount).toBe(205);
  expect(leftFolder()).toEqual([]);
  rmSync(shared, { recursive: true });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
