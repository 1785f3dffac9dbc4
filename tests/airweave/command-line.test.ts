import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { adminKey, startWeft } from "../../packages/server/src/api/svix/fixtures/svix-clients.ts";
import { python, whyNoPython } from "../python-receivers/python.ts";

const whyNot = whyNoPython("airweave_cli");
const operator = { "x-api-key": adminKey };
const entry = "from airweave_cli.main import app; app()";

let weft: RunningWeft;
let home: string;
beforeAll(async () => {
  weft = await startWeft({ WEFT_TEST_SOURCES: "true" });
  home = mkdtempSync(join(tmpdir(), "weft-airweave-"));
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

/** The JSON that a command prints, also when it fails. */
// biome-ignore lint/suspicious/noExplicitAny: each command prints another object.
function airweave(...args: string[]): Promise<any> {
  const env = {
    ...process.env,
    HOME: home,
    PYTHONDONTWRITEBYTECODE: "1",
    AIRWEAVE_API_KEY: adminKey,
    AIRWEAVE_BASE_URL: weft.url,
  };
  return new Promise((resolve, reject) => {
    execFile(python, ["-c", entry, ...args], { env }, (_, stdout, stderr) => {
      const printed = [stdout, stderr].find((text) => text.trimStart().startsWith("{") || text.startsWith("["));
      if (printed === undefined) reject(new Error(`${args.join(" ")}: ${stdout}${stderr}`));
      else resolve(JSON.parse(printed));
    });
  });
}

test.skipIf(whyNot !== null)(
  `every command of Airweave's command line works${whyNot === null ? "" : ` (${whyNot})`}`,
  async () => {
    expect(await airweave("collections", "list")).toEqual([]);
    const { readable_id: collection } = await airweave("collections", "create", "--name", "Documents");
    expect(await airweave("collections", "get", collection)).toMatchObject({ name: "Documents" });

    const settings = ["--credentials", '{"stub_key": "any"}', "--config", '{"entity_count": 3}'];
    const added = await airweave("sources", "add", "stub", "-c", collection, "--no-sync", ...settings);
    expect(added).toMatchObject({ short_name: "stub", status: "active" });
    expect(await airweave("sources", "list", "-c", collection)).toMatchObject([{ id: added.id }]);
    expect(await airweave("sources", "sync", added.id, "--force")).toMatchObject({ status: "pending" });
    const jobs = async () => (await weft.get(`/source-connections/${added.id}/jobs`, { headers: operator })).body;
    await expect.poll(jobs, { timeout: 20_000 }).toMatchObject([{ status: "completed", entities_inserted: 3 }]);

    const search = (...more: string[]) => airweave("search", "stub", "-c", collection, ...more);
    expect((await search("-k", "2")).results).toHaveLength(2);
    const filter = { field: "airweave_system_metadata.entity_type", operator: "equals", value: "StubContainerEntity" };
    const only = ["--filter", JSON.stringify({ conditions: [filter] })];
    for (const strategy of ["hybrid", "neural", "keyword"]) {
      const { results } = await search("--mode", "instant", "--strategy", strategy, ...only);
      expect(results, strategy).toMatchObject([{ airweave_system_metadata: { entity_type: filter.value } }]);
    }
    expect(await search("--mode", "agentic")).toMatchObject({
      error: { message: expect.stringContaining("language model") },
    });
  },
  120_000,
);
