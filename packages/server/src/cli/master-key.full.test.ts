import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { openWeft } from "../index.ts";
import { TestDatabases } from "../store/postgres/fixtures/test-databases.ts";
import { type Ended, runWeft, startWeft, temporaryFolder } from "./fixtures/weft-process.ts";

const right = "the-right-master-key-of-32-characters-and-more";
const wrong = "a-wrong-master-key-of-32-characters-and-more";

/** An installation that keeps its key itself and has a key of the API, stopped. */
async function installed(folder: string): Promise<string> {
  const data = join(folder, "data");
  const made = await runWeft(["keys", "create", "--data", data]);
  expect(made.exitCode, made.stderr).toBe(0);
  return data;
}

function serve(data: string, variables: Record<string, string> = {}): Promise<Ended> {
  return runWeft(["serve", "--port", "0", "--data", data], variables);
}

function expectRefusal({ exitCode, stderr, stdout }: Ended, sentence: RegExp): void {
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(sentence)]);
  // A sentence, and not a stack trace.
  expect(stderr + stdout).not.toMatch(/\n\s+at /);
}

test("without its master key an installation refuses to start, creates no other, and starts when the key is restored", async () => {
  using folder = temporaryFolder();
  const data = await installed(folder.path);
  const keyFile = join(data, "master.key");
  const key = readFileSync(keyFile, "utf8");
  rmSync(keyFile);
  const commands = [
    ["serve", "--port", "0", "--data", data],
    ["dev", "--port", "0", "--data", data],
    ["check", "--data", data],
    ["migrate", "--data", data],
    ["keys", "create", "--data", data],
    ["keys", "rotate-master", "--data", data],
  ];
  for (const args of commands) {
    expectRefusal(await runWeft(args), /master key .*master\.key is missing, .* Put the file back/);
    expect(existsSync(keyFile), args.join(" ")).toBe(false);
  }
  writeFileSync(keyFile, key);
  await using weft = await startWeft(["serve", "--data", data]);
  expect((await fetch(`${weft.url}/health/ready`)).status).toBe(200);
});

test.each([
  ["another kept key", (data: string) => writeFileSync(join(data, "master.key"), `${"x".repeat(44)}\n`), {}],
  ["another key in the settings", () => {}, { WEFT_MASTER_KEY: wrong }],
  ["two other keys in the settings", () => {}, { WEFT_MASTER_KEY: wrong, WEFT_MASTER_KEY_PREVIOUS: `${wrong}2` }],
  [
    "another kept key, over a database without a note of its keys, as an earlier Weft left it,",
    (data: string) => {
      using db = new DatabaseSync(join(data, "weft.db"));
      db.exec("delete from sealing_key");
      writeFileSync(join(data, "master.key"), `${"x".repeat(44)}\n`);
    },
    {},
  ],
])("%s is refused with a sentence", async (_, damage, variables) => {
  using folder = temporaryFolder();
  const data = await installed(folder.path);
  damage(data);
  expectRefusal(
    await serve(data, variables),
    /WEFT_MASTER_KEY is not the one that the secrets in this database are sealed with/,
  );
});

test("a new data folder gets a key when it is created, and not when its settings are checked", async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, "new");
  expect((await runWeft(["check", "--data", data])).exitCode).toBe(0);
  expect(existsSync(data)).toBe(false);
  expect((await runWeft(["migrate", "--data", data])).exitCode).toBe(0);
  expect(existsSync(join(data, "master.key"))).toBe(true);
});

test("a backup without its key, or with another, is not restored", async () => {
  using folder = temporaryFolder();
  const data = await installed(folder.path);
  const backup = join(folder.path, "backup");
  expect((await runWeft(["backup", "--to", backup, "--data", data])).exitCode).toBe(0);
  const restore = (name: string, variables: Record<string, string> = {}) =>
    runWeft(["restore", "--from", backup, "--data", join(folder.path, name)], variables);
  expectRefusal(await restore("settings", { WEFT_MASTER_KEY: wrong }), /WEFT_MASTER_KEY is not the one/);
  const key = readFileSync(join(backup, "master.key"), "utf8");
  rmSync(join(backup, "master.key"));
  expectRefusal(await restore("missing"), /master\.key is missing/);
  writeFileSync(join(backup, "master.key"), `${"x".repeat(44)}\n`);
  expectRefusal(await restore("another"), /WEFT_MASTER_KEY is not the one/);
  for (const name of ["settings", "missing", "another"]) {
    expect(existsSync(join(folder.path, name, "weft.db")), name).toBe(false);
  }
  expect((await restore("given", { WEFT_MASTER_KEY: key.trim() })).exitCode).toBe(0);
});

test("a restored database without its key refuses to start", async () => {
  using folder = temporaryFolder();
  const data = await installed(folder.path);
  const copied = join(folder.path, "copied");
  cpSync(data, copied, { recursive: true });
  rmSync(join(copied, "master.key"));
  expectRefusal(await serve(copied), /master\.key is missing/);
});

test("inside a program, another or a missing master key is refused with the same sentence", async () => {
  using folder = temporaryFolder();
  const database = `sqlite:${join(folder.path, "weft.db")}`;
  await (await openWeft({ database, masterKey: right }))[Symbol.asyncDispose]();
  await expect(openWeft({ database, masterKey: wrong })).rejects.toThrow(/WEFT_MASTER_KEY is not the one/);
  await expect(openWeft({ database })).rejects.toThrow(/is missing/);
  expect(existsSync(join(folder.path, "master.key"))).toBe(false);
  await (await openWeft({ database, masterKey: right }))[Symbol.asyncDispose]();
});

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

test("on PostgreSQL another master key is refused, even for a copy of an installation", async () => {
  using folder = temporaryFolder();
  const data = await installed(folder.path);
  const kept = readFileSync(join(data, "master.key"), "utf8").trim();
  const url = await databases.empty();
  const copy = (key: string) =>
    runWeft(["migrate", "copy", "--from", `sqlite:${data}/weft.db`, "--to", url], { WEFT_MASTER_KEY: key });
  expectRefusal(await copy(wrong), /WEFT_MASTER_KEY is not the key/);
  expect((await copy(kept)).exitCode).toBe(0);
  const started = (key: string) => runWeft(["serve", "--port", "0"], { WEFT_DATABASE_URL: url, WEFT_MASTER_KEY: key });
  expectRefusal(await started(wrong), /WEFT_MASTER_KEY is not the one/);
  const checked = (key: string) => runWeft(["check"], { WEFT_DATABASE_URL: url, WEFT_MASTER_KEY: key });
  expectRefusal(await checked(wrong), /WEFT_MASTER_KEY is not the one/);
  expect(await checked(kept)).toMatchObject({ exitCode: 0, stderr: "" });
  const away = { WEFT_DATABASE_URL: "postgres://weft@127.0.0.1:1/weft", WEFT_MASTER_KEY: kept };
  expect(await runWeft(["check"], away)).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/could not be reached/),
  });
  await using weft = await startWeft(["serve"], { WEFT_DATABASE_URL: url, WEFT_MASTER_KEY: kept });
  expect((await fetch(`${weft.url}/health/ready`)).status).toBe(200);
});
