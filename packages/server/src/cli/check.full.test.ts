import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { jsonLines, runWeft, runWeftProcess, temporaryFolder } from "./fixtures/weft-process.ts";

test("valid settings are printed in the form of variables, with masked secrets, and nothing is opened", async () => {
  using folder = temporaryFolder();
  const adminKey = "an-admin-key-of-at-least-32-characters";
  const variables = { WEFT_ADMIN_KEY: adminKey, WEFT_ATTEMPT_TIMEOUT: "90s", WEFT_RETRY_SCHEDULE: "1s,2h" };
  const { exitCode, stdout } = await runWeft(["check", "--data", folder.path, "--port", "9001"], variables);
  expect(exitCode).toBe(0);
  const lines = stdout.split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      `WEFT_DATABASE_URL=sqlite:${folder.path}/weft.db`,
      "WEFT_PORT=9001",
      "WEFT_AUTH=required",
      "WEFT_ADMIN_KEY=***",
      "# WEFT_MASTER_KEY is not set",
      "WEFT_ATTEMPT_TIMEOUT=90s",
      "WEFT_RETRY_SCHEDULE=1s,2h",
      "WEFT_RETENTION=90d",
    ]),
  );
  expect(stdout).not.toContain(adminKey);
  expect(existsSync(`${folder.path}/weft.db`)).toBe(false);
});

test("the printed settings can be read as the same settings again", async () => {
  const first = await runWeft(["check", "--json"], { WEFT_ATTEMPT_TIMEOUT: "1500ms" });
  const { settings } = JSON.parse(first.stdout) as { settings: Record<string, string | null> };
  const set = Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== null);
  const again = await runWeft(["check", "--json"], Object.fromEntries(set));
  expect([again.exitCode, again.stdout]).toEqual([0, first.stdout]);
});

test("the servers of a database with several hosts are listed with their state", async () => {
  const url = "postgres://weft:hidden@127.0.0.1:1,127.0.0.1:2/weft";
  const variables = { WEFT_DATABASE_URL: url, WEFT_MASTER_KEY: "m".repeat(32) };
  const { exitCode, stdout, stderr } = await runWeft(["check"], variables);
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining("could not be reached")]);
  expect(stdout).toContain(
    "# 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1\n# 127.0.0.1:2: connect ECONNREFUSED 127.0.0.1:2\n",
  );
  expect(stdout).not.toContain("hidden");
});

test("a logo that cannot be used is reported", async () => {
  const { exitCode, stderr } = await runWeft(["check"], { WEFT_PORTAL_NAME: "Acme", WEFT_PORTAL_LOGO: "/nowhere.png" });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("WEFT_PORTAL_LOGO: /nowhere.png could not be read")]);
});

test("an outbound proxy that cannot be reached is reported, and its password is never shown", async () => {
  for (const scheme of ["http", "https", "socks5", "socks5h"]) {
    const { exitCode, stdout, stderr } = await runWeft(["check"], {
      WEFT_OUTBOUND_PROXY: `${scheme}://weft:hush@127.0.0.1:1`,
    });
    const sentence = "WEFT_OUTBOUND_PROXY: The outbound proxy of this Weft could not be reached (ECONNREFUSED).";
    expect([exitCode, stderr], scheme).toEqual([2, expect.stringContaining(sentence)]);
    expect(stdout + stderr).not.toContain("hush");
  }
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const variables = {
    WEFT_OUTBOUND_PROXY: `socks5://weft:hush@127.0.0.1:${port}`,
    WEFT_OUTBOUND_NO_PROXY: "example.com, 10.0.0.0/8",
  };
  const { exitCode, stdout } = await runWeft(["check"], variables);
  await new Promise((resolve) => server.close(resolve));
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`WEFT_OUTBOUND_PROXY=socks5://***@127.0.0.1:${port}\n`);
  expect(stdout).toContain("WEFT_OUTBOUND_NO_PROXY=example.com,10.0.0.0/8\n");
});

test("the clients at providers are shown without their secrets", async () => {
  const clients = '{"drive":{"client_id":"id","client_secret":"***"},"wiki":{"client_id":"public"}}';
  const given = clients.replace("***", "not to be shown");
  const { stdout } = await runWeft(["check", "--json"], { WEFT_OAUTH_CLIENTS: given });
  expect(JSON.parse(stdout).settings.WEFT_OAUTH_CLIENTS).toBe(clients);
});

test("the mode determines the defaults", async () => {
  const { stdout } = await runWeft(["check", "--mode", "dev", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ mode: "dev", settings: { WEFT_AUTH: "none", WEFT_ALLOW_HTTP: "true" } });
  expect((await runWeft(["check", "--mode", "test"])).exitCode).toBe(2);
});

test("all mistakes are reported together", async () => {
  const { exitCode, stdout, stderr } = await runWeft(["check"], { WEFT_ALLOW_HTTP: "maybe", WEFT_ADMIN_KEY: "short" });
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^The settings have 2 mistakes:\n- WEFT_ADMIN_KEY: .*\n- WEFT_ALLOW_HTTP: .*\n$/);
});

test("migrate prints the migrations that ran, and reports none the next time", async () => {
  using folder = temporaryFolder();
  const data = ["--data", folder.path];
  const first = await runWeft(["migrate", ...data]);
  expect([first.exitCode, first.stdout]).toEqual([0, expect.stringMatching(/^Ran 0001_\w+\.sql.*\.\n$/)]);
  expect((await runWeft(["migrate", ...data])).stdout).toBe("The schema is up to date.\n");
  expect(jsonLines((await runWeft(["migrate", "--json", ...data])).stdout)).toEqual([{ migrations: [] }]);
});

test("the version and the help are results, and a missing or unknown command is a mistake", async () => {
  expect(await runWeft(["--version"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
  for (const command of ["dev", "serve", "trigger", "keys", "tokens", "orgs", "migrate", "check"]) {
    const help = await runWeft([command, "--help"]);
    expect([help.exitCode, help.stdout], command).toEqual([0, expect.stringContaining("Examples:\n")]);
  }
  expect((await runWeft([])).exitCode).toBe(2);
  expect(await runWeft(["start"])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Unknown command") });
  const unknown = await runWeft(["dev", "--prot", "1", "--json"]);
  expect(jsonLines(unknown.stderr)).toEqual([{ error: expect.stringContaining("'--prot'") }]);
});

test("an outdated Node is reported with a sentence", async () => {
  const pretend = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.18.0" } })';
  const { exitCode, stderr } = await runWeftProcess(["--version"], {}, ["--import", `data:text/javascript,${pretend}`]);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringMatching(/^Weft needs Node 24 or newer, .* Node 22\.18\.0 .*\n$/),
  ]);
});

test.each([
  "postgres://weft:other-secret@h/db",
  "postgres://u@corp:other-secret@h/db?sslpassword=other-secret",
  "sqlite:elsewhere/weft.db",
])("--data and WEFT_DATABASE_URL=%s are a mistake that names both, and prints no password", async (url) => {
  const variables = { WEFT_DATABASE_URL: url, WEFT_MASTER_KEY: "m".repeat(32) };
  for (const command of ["check", "serve", "dev", "migrate"]) {
    const { exitCode, stdout, stderr } = await runWeft([command, "--data", "here"], variables);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/--data selects .*here\/weft\.db, and WEFT_DATABASE_URL/),
    ]);
    expect(stdout + stderr).not.toContain("other-secret");
  }
});

test("--data and WEFT_DATABASE_URL may name the same database, and --database-url takes precedence over the variable", async () => {
  const same = await runWeft(["check", "--data", "here"], { WEFT_DATABASE_URL: "sqlite:./here/weft.db" });
  expect(same.exitCode).toBe(0);
  const flagged = await runWeft(["check", "--database-url", "sqlite:there"], { WEFT_DATABASE_URL: "sqlite:here" });
  expect(flagged.stdout).toMatch(/^WEFT_DATABASE_URL=sqlite:.*there$/m);
});

test.each([
  ["WEFT_DATABASE_URL", "postgres://u@corp:hush-1@127.0.0.1:1/db?password=hush-2"],
  ["WEFT_DATABASE_URL", "postgres://u:hush-1/hush-2@127.0.0.1:1/db"],
  ["WEFT_DATABASE_URL", "postgres://u:hush-1 hush-2@[::1/db"],
])("no command prints a password of %s=%s, even when it fails", async (name, url) => {
  const variables = { [name]: url, WEFT_MASTER_KEY: "m".repeat(32), WEFT_ADMIN_KEY: "a".repeat(32) };
  for (const args of [
    ["check"],
    ["check", "--json"],
    ["serve", "--port", "0"],
    ["migrate", "--json"],
    ["backup", "--to", "x"],
  ]) {
    const { stdout, stderr } = await runWeft(args, variables);
    expect(stdout + stderr, args.join(" ")).not.toMatch(/hush/);
  }
});

test("the mail server's password is not shown, in any form of its URL", async () => {
  for (const url of ["smtp://me@example.com:hu@sh@mail.example.com:587", "smtps://hush@mail.example.com?auth=hush"]) {
    const { exitCode, stdout } = await runWeft(["check"], { WEFT_SMTP_URL: url, WEFT_SMTP_FROM: "a@example.com" });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^WEFT_SMTP_URL=smtps?:\/\/\*\*\*@mail\.example\.com/m);
    expect(stdout).not.toMatch(/hush|hu@sh/);
  }
});
