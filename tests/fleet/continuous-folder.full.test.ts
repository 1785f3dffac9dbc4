import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { callApi } from "./load.ts";
import { Nodes } from "./nodes.ts";

const poll = { timeout: 50_000, interval: 50 };

test("a folder that two nodes watch has one job per change, and stays watched when one of them is killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-folder-"));
  await using postgres = await PostgresServer.start({ isDurable: false });
  const database = await postgres.database();
  await using nodes = new Nodes(postgres.url(database), { WEFT_DIRECTORY_ROOTS: folder });
  await nodes.startMany(2);
  writeFileSync(join(folder, "page.md"), "Herons.");
  const id = await connect(nodes, folder);
  const jobs = async () => (await callApi(nodes.api.url, nodes.adminKey, `/source-connections/${id}/jobs`)).json();
  const completed = (count: number) => Array.from({ length: count }, () => expect.objectContaining(done));
  await expect.poll(jobs, poll).toEqual(completed(1));
  writeFileSync(join(folder, "page.md"), "Herons stand.");
  await expect.poll(jobs, poll).toEqual(completed(2));
  await nodes.killOne();
  writeFileSync(join(folder, "page.md"), "Herons stand still.");
  await expect.poll(jobs, poll).toEqual(completed(3));
  // A node that stops has stored every change that it was notified of.
  expect(await nodes.stopAll()).toEqual([0]);
  const [{ due } = {}] = await postgres.query("select next_run_at as due from weft.source_connection", database);
  expect(due).toBeNull();
  rmSync(folder, { recursive: true });
}, 200_000);

const done = { status: "completed" };

async function connect(nodes: Nodes, path: string): Promise<string> {
  const { url } = nodes.api;
  const collection = (await (await callApi(url, nodes.adminKey, "/collections", { name: "Docs" })).json()) as {
    readable_id: string;
  };
  const response = await callApi(url, nodes.adminKey, "/source-connections", {
    short_name: "directory",
    readable_collection_id: collection.readable_id,
    config: { path },
    schedule: { continuous: true },
  });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as { id: string }).id;
}
