import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jsonLines, runWeft, startWeft, temporaryFolder, type WeftProcess } from "./fixtures/weft-process.ts";

const folder = temporaryFolder();
const secret = "a secret of the tap";
const rows = join(folder.path, "birds.json");
const credentials = join(folder.path, "credentials.json");
let weft: WeftProcess;

beforeAll(async () => {
  const tap = join(import.meta.dirname, "../sync/sources/singer/fixtures/birds-tap.ts");
  writeFileSync(rows, JSON.stringify({ birds: [{ id: 1, name: "Grey heron" }], sightings: [] }));
  writeFileSync(credentials, JSON.stringify({ file: rows, token: secret }));
  weft = await startWeft(["dev", "--data", join(folder.path, "data")], {
    WEFT_SINGER_TAPS: JSON.stringify({ "tap-birds": { command: [process.execPath, tap] } }),
  });
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function run(...args: string[]) {
  return runWeft(args, { WEFT_URL: weft.url });
}

test("sources are listed with their objects, their detection of changes and deletions, and their authentication", async () => {
  const { stdout } = await run("sources", "--wide");
  const [heading, ...lines] = stdout.split("\n").map((line) => line.split(/ {2,}/));
  expect(heading).toEqual(["SOURCE", "OBJECTS", "INCREMENTAL", "DELETIONS", "AUTHENTICATION"]);
  expect(lines).toContainEqual([
    "git",
    "file",
    "by the difference of two commits",
    "in every job",
    "none, credentials",
  ]);
  expect(jsonLines((await run("sources", "--json")).stdout)).toContainEqual(
    expect.objectContaining({ short_name: "singer", supports_discovery: true }),
  );
});

test("the streams of a tap are listed", async () => {
  const { stdout } = await run("source", "discover", "singer/tap-birds", "--credentials-file", credentials, "--wide");
  expect(
    stdout
      .split("\n")
      .map((line) => line.split(/ {2,}/))
      .slice(1, 3),
  ).toEqual([
    ["birds", "id", "FULL_TABLE", "yes"],
    ["sightings", "id", "INCREMENTAL", "updated", "yes"],
  ]);
  const other = await run("source", "discover", "git", "--config", '{"url": "https://example.com/a.git"}');
  expect(other).toMatchObject({ exitCode: 1, stderr: "The source git has no streams that could be selected.\n" });
});

test("the first entities of a source are printed, and nothing is created", async () => {
  const { stdout } = await run("source", "check", "singer/tap-birds", "--credentials-file", credentials);
  expect(stdout).toBe("birds  birds/1  Grey heron\n");
  expect((await fetch(`${weft.url}/v1/source-connections`)).ok).toBe(true);
  expect(await (await fetch(`${weft.url}/v1/source-connections`)).json()).toEqual([]);
});

test("a source that cannot be read prints the reason without secrets, and fails", async () => {
  writeFileSync(credentials, JSON.stringify({ file: "/nowhere", token: secret }));
  const { exitCode, stderr } = await run("source", "check", "singer/tap-birds", "--credentials-file", credentials);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^The tap tap-birds ended with exit status 1/);
  expect(stderr).not.toContain(secret);
});

test("settings and credentials that are not valid are refused with the field", async () => {
  const missing = await run("source", "check", "singer/tap-birds");
  expect(missing).toMatchObject({ exitCode: 1 });
  expect(missing.stderr).toContain("authentication");
  const unknown = await run("source", "check", "git", "--config", '{"ref": "main"}', "--credentials-file", credentials);
  expect(unknown.stderr).toContain("config.url");
  writeFileSync(credentials, `["${secret}"]`);
  const notAnObject = await run("source", "check", "git", "--credentials-file", credentials);
  expect(notAnObject).toMatchObject({ exitCode: 2, stderr: `${credentials} is not a JSON object.\n` });
});

test("a table of sources for a terminal has no cut cells in its last column", async () => {
  const { stdout } = await run("sources");
  const [heading, ...lines] = stdout.trimEnd().split("\n");
  expect(heading?.split(/ {2,}/)).toEqual(["SOURCE", "OBJECTS", "AUTHENTICATION"]);
  for (const line of lines) {
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).not.toMatch(/…$/);
  }
});

test.each([
  ["slak", 'The source "slak" does not exist. Did you mean slack?\n'],
  ["constructor", 'The source "constructor" does not exist. `weft sources` lists the sources.\n'],
])("the source %s, which does not exist, is reported with a suggestion", async (name, sentence) => {
  for (const command of ["check", "discover"]) {
    expect(await run("source", command, name)).toMatchObject({ exitCode: 1, stderr: sentence });
  }
});

test("a source that the server does not enable is reported with the setting that enables it", async () => {
  using plain = temporaryFolder();
  await using without = await startWeft(["serve", "--data", plain.path], { WEFT_ADMIN_KEY: "a".repeat(40) });
  for (const [name, setting] of Object.entries({ directory: "WEFT_DIRECTORY_ROOTS", singer: "WEFT_SINGER_TAPS" })) {
    const { exitCode, stderr } = await runWeft(["source", "check", name], {
      WEFT_URL: without.url,
      WEFT_API_KEY: "a".repeat(40),
    });
    expect(exitCode).toBe(1);
    expect(stderr).toBe(`The source "${name}" is not enabled. The operator of this Weft enables it with ${setting}.\n`);
  }
});
