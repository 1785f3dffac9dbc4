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
  expect(list.stdout).toMatch(/^ID +NAME +KEY +SCOPES +CREATED +EXPIRES\n\S+ +x +weft_\S+… +read,write,publish /);
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
