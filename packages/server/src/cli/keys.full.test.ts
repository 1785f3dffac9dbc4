import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NewApiKey } from "@weft/sdk";
import { expect, test } from "vitest";
import { jsonLines, runWeft, startWeft, temporaryFolder } from "./fixtures/weft-process.ts";

async function createKey(args: readonly string[]): Promise<NewApiKey> {
  const { exitCode, stdout, stderr } = await runWeft(["keys", "create", "--json", ...args]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as NewApiKey;
}

test("without a key, the refusal of a running Weft explains how to pass one", async () => {
  using folder = temporaryFolder();
  await using weft = await startWeft(["serve", "--data", folder.path], { WEFT_ADMIN_KEY: "k".repeat(32) });
  const { exitCode, stderr } = await runWeft(["keys", "list", "--url", weft.url]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("--key or WEFT_API_KEY");
});

test("a running Weft that cannot be reached is reported, with the way through its address", async () => {
  using folder = temporaryFolder();
  await using _weft = await startWeft(["dev", "--data", folder.path]);
  writeFileSync(join(folder.path, "weft.db.access"), JSON.stringify({ url: "http://127.0.0.1:1", key: "k" }));
  const { exitCode, stdout, stderr } = await runWeft(["keys", "list", "--data", folder.path]);
  expect([exitCode, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/is in use by process \d+ \(weft dev, .*\n.*--url.*--key or WEFT_API_KEY\.\n$/);
});

test("organizations are created, listed, renamed and deleted, and have keys of their own", async () => {
  using folder = temporaryFolder();
  const data = ["--data", folder.path];
  const [made] = jsonLines((await runWeft(["orgs", "create", "Acme", "--json", ...data])).stdout);
  const id = String(made?.id);
  expect(await createKey([...data, "--organization", id])).toMatchObject({ organization_id: id });
  await runWeft(["orgs", "rename", id, "Acme Ltd", ...data]);
  const list = await runWeft(["orgs", "list", "--json", ...data]);
  expect(jsonLines(list.stdout).map(({ name }) => name)).toEqual(["Acme Ltd", "Default organization"]);
  expect((await runWeft(["orgs", "delete", id, ...data])).stdout).toBe('Deleted the organization "Acme Ltd".\n');
  expect((await runWeft(["orgs", "list", ...data])).stdout).not.toContain("Acme");
});
