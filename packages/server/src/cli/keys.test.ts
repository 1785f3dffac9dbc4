import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createClient, type NewApiKey } from "@weft/sdk";
import { expect, test } from "vitest";
import { runWeft, startWeft, temporaryFolder } from "./fixtures/weft-process.ts";

async function createKey(args: readonly string[]): Promise<NewApiKey> {
  const { exitCode, stdout, stderr } = await runWeft(["keys", "create", "--json", ...args]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as NewApiKey;
}

test("a key that is created in the database opens a served Weft, which is closed without one", async () => {
  using folder = temporaryFolder();
  const { key } = await createKey(["--scopes", "admin", "--name", "operations", "--data", folder.path]);
  await using weft = await startWeft(["serve", "--data", folder.path]);
  expect((await fetch(`${weft.url}/v1/api-keys`)).status).toBe(401);
  const { items: keys } = await createClient({ url: weft.url, apiKey: key }).apiKeys.listApiKeys();
  expect(keys).toMatchObject([{ name: "operations", scopes: ["admin"] }]);
});

test("a key is printed once and is not in the list", async () => {
  using folder = temporaryFolder();
  const data = ["--data", folder.path];
  const made = await runWeft(["keys", "create", "--name", "x", ...data]);
  const [key = ""] = made.stdout.split("\n");
  expect(key).toMatch(/^weft_\S{40,}$/);
  expect(made.stdout).toContain("it is not shown again");
  const list = await runWeft(["keys", "list", ...data]);
  expect(list.stdout).toMatch(/^ID +NAME +SCOPES\n\S+ +x +read,write,publish\n$/);
  expect(Math.max(...list.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  const wide = await runWeft(["keys", "list", "--wide", ...data]);
  expect(wide.stdout).toMatch(
    /^ID +NAME +SCOPES +KEY +CREATED +LAST USED +EXPIRES\n\S+ +x +read,write,publish +weft_\S+… .* never +never\n$/,
  );
  expect(list.stdout).not.toContain(key);
});

test("keys of a running Weft are created, rotated and deleted through its address", async () => {
  using folder = temporaryFolder();
  const admin = await createKey(["--scopes", "admin", "--data", folder.path]);
  await using weft = await startWeft(["serve", "--data", folder.path]);
  const remote = { WEFT_URL: weft.url, WEFT_API_KEY: admin.key };
  const made = JSON.parse((await runWeft(["keys", "create", "--json"], remote)).stdout) as NewApiKey;
  const statusOf = async (key: string) =>
    (await fetch(`${weft.url}/v1/webhooks/subscriptions`, { headers: { "x-api-key": key } })).status;
  expect(await statusOf(made.key)).toBe(200);

  const rotated = JSON.parse((await runWeft(["keys", "rotate", made.id, "--json"], remote)).stdout) as NewApiKey;
  expect([await statusOf(made.key), await statusOf(rotated.key)]).toEqual([401, 200]);

  const overlapping = ["keys", "rotate", made.id, "--overlap", "600", "--json"];
  const next = JSON.parse((await runWeft(overlapping, remote)).stdout) as NewApiKey;
  expect([await statusOf(rotated.key), await statusOf(next.key)]).toEqual([200, 200]);

  expect((await runWeft(["keys", "delete", made.id, "--url", weft.url, "--key", admin.key])).exitCode).toBe(0);
  expect([await statusOf(rotated.key), await statusOf(next.key)]).toEqual([401, 401]);
  const again = await runWeft(["keys", "delete", made.id], remote);
  expect([again.exitCode, again.stderr]).toEqual([1, "API key not found\n"]);
});

test("keys are created in the data folder of a running Weft, which accepts them immediately", async () => {
  using folder = temporaryFolder();
  await using weft = await startWeft(["serve", "--data", folder.path]);
  const { key } = await createKey(["--scopes", "admin", "--name", "first", "--data", folder.path]);
  const client = createClient({ url: weft.url, apiKey: key });
  expect((await client.apiKeys.listApiKeys()).items).toMatchObject([{ name: "first" }]);
  // The audit log distinguishes it from the key of the settings.
  const { items: entries } = await client.organizations.listAuditLog();
  expect(entries).toMatchObject([
    { operation: "createApiKey", status: 200, actor: { kind: "admin_key", name: "data folder" } },
  ]);
  const { id } = JSON.parse((await runWeft(["orgs", "create", "Acme", "--json", "--data", folder.path])).stdout);
  expect(await createKey(["--data", folder.path, "--organization", id])).toMatchObject({ organization_id: id });
});

test("only its owner can read the access to a running Weft, and it ends with the process", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "weft.db.access");
  let killed: string;
  {
    await using weft = await startWeft(["serve", "--data", folder.path, "--host", "0.0.0.0"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    killed = readFileSync(file, "utf8");
    expect(new URL(JSON.parse(killed).url).hostname).toBe("127.0.0.1");
    weft.send("SIGKILL");
    await weft.ended;
  }
  // A command in the database of a killed Weft deletes its file.
  expect((await runWeft(["keys", "list", "--data", folder.path])).exitCode).toBe(0);
  expect(existsSync(file)).toBe(false);
  await using next = await startWeft(["serve", "--data", folder.path]);
  const { key } = JSON.parse(killed);
  expect((await fetch(`${next.url}/v1/api-keys`, { headers: { "x-api-key": key } })).status).toBe(401);
  next.send("SIGTERM");
  await next.ended;
  expect(existsSync(file)).toBe(false);
});

test("a mistake in a flag is reported with a sentence", async () => {
  using folder = temporaryFolder();
  const data = ["--data", folder.path];
  const wrongScope = await runWeft(["keys", "create", "--scopes", "everything", ...data]);
  expect([wrongScope.exitCode, wrongScope.stderr]).toEqual([2, expect.stringMatching(/scopes.*"admin"/)]);
  for (const args of [
    ["keys", "list", "--url", "http://127.0.0.1:1", ...data],
    ["keys", "list", "--url", "weft.example.com"],
    ["keys", "list", ...data, "--database-url", "sqlite:x"],
    ["keys", "delete", "", ...data],
    ["keys", "delete"],
    ["keys", "rotate", "0", "--overlap", "a day", ...data],
  ]) {
    const { exitCode, stderr } = await runWeft(args);
    expect([exitCode, stderr.split("\n").length], args.join(" ")).toEqual([2, 2]);
  }
});
