import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { postgresOnceSchema } from "@weft/receiver/once/postgres";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { portForProcess } from "../../packages/server/src/outbound/fixtures/port-for-process.ts";
import { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";
import { type Block, blocksIn, locationOf } from "./blocks.ts";
import { type Elsewhere, startElsewhere } from "./elsewhere.ts";
import { toRun } from "./left-out.ts";
import { PageFolder } from "./page-folder.ts";
import { runnableProgram, secret, svixSecret } from "./substitutions.ts";

const run = promisify(execFile);
const programs = blocksIn("ts")
  .map(toRun)
  .filter((block) => block !== null)
  .map((block) => ({ location: locationOf(block), block }));

/** Definitions that the programs of a page assume. */
const given: Readonly<Record<string, string>> = {
  "packages/receiver/README.md": "receiver.ts",
  "packages/sdk/README.md": "sdk.ts",
  "docs/migrate/svix.md": "svix.ts",
  "docs/send/in-process.md": "in-process.ts",
};

let weft: RunningWeft;
const databases = new TestDatabases();
let database: string;
let elsewhere: Elsewhere;
let svixToken: string;

beforeAll(async () => {
  [weft, elsewhere] = await Promise.all([RunningWeft.start({ WEFT_SVIX_JWT_SECRET: svixSecret }), startElsewhere()]);
  svixToken = (await weft.post("/v1/api-keys", { name: "given", scopes: ["admin"] })).body.key;
  database = await databases.empty();
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  await client.query(`${postgresOnceSchema}; create table searches (id text)`);
  await client.end();
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
});

/** Runs it to its end, in a folder of its own. Rejects when it fails. */
async function runProgram({ page, text }: Block): Promise<string> {
  using folder = new PageFolder();
  const receiver = await portForProcess();
  const weftPort = Number(new URL(weft.url).port);
  const { origin } = elsewhere;
  const addresses = { weft: weftPort, receiver, inbox: 0, elsewhere: origin, databases: {}, folder: folder.path };
  const file = join(folder.path, "program.ts");
  writeFileSync(file, runnableProgram(text, addresses));
  const ofPage = given[page];
  const args = [join(import.meta.dirname, "run-program.ts"), file];
  if (ofPage !== undefined) args.push(join(import.meta.dirname, "given", ofPage));
  const { stdout } = await run(process.execPath, args, {
    cwd: folder.path,
    timeout: 50_000,
    env: {
      PATH: process.env.PATH,
      WEFT_URL: weft.url,
      WEFT_SIGNING_SECRET: secret,
      WEBHOOK_SECRET: secret,
      SVIX_TOKEN: svixToken,
      SLACK_WEBHOOK_URL: elsewhere.origin,
      PAGERDUTY_ROUTING_KEY: "a key",
      DATABASE_URL: database,
      RECEIVER_PORT: String(receiver),
      ...(/\blisten\(/.test(text) && { PROGRAM_LISTENS: "yes" }),
    },
  });
  return stdout;
}

test.each(programs)("the program at $location runs", async ({ block }) => {
  expect(await runProgram(block)).toContain("It works");
});

test("a program that fails, and one that refuses genuine requests, are noticed", async () => {
  const block = { page: "none.md", line: 1, language: "ts" };
  await expect(runProgram({ ...block, text: 'await fetch("http://127.0.0.1:1");' })).rejects.toThrow("fetch failed");
  const refusing = "export const POST = async () => new Response(null, { status: 400 });";
  await expect(runProgram({ ...block, text: refusing })).rejects.toThrow("answered 400");
});
