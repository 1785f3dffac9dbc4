import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { keyOf, openTestWeft } from "../../sync/fixtures/test-weft.ts";
import { stubSource } from "../../sync/sources/stub/stub-source.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";
import { listedOf } from "./source-connection-schemas.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await RunningWeft.start();
});
afterAll(() => weft[Symbol.asyncDispose]());

const path = "/source-connections";

function freshnessIn({ last_success_at, last_job, is_stale }: Record<string, unknown>) {
  return { last_success_at, last_job, is_stale };
}

/** The freshness that lists and the connection itself show after its jobs have ended. */
async function shown(id: string) {
  const connection = (await weft.get(`${path}/${id}`)).body;
  const listed = (await weft.get(path)).body.find((item: { id: string }) => item.id === id);
  expect(freshnessIn(listed)).toEqual(freshnessIn(connection));
  return freshnessIn(connection);
}

test("a connection shows its last success and its last job, and is stale before the first and after a failure", async () => {
  const collection = (await weft.post("/collections", { name: "Docs" })).body.readable_id;
  const { id } = (
    await weft.post(path, {
      short_name: "stub",
      readable_collection_id: collection,
      authentication: { credentials: { stub_key: "sk-secret" } },
      sync_immediately: false,
    })
  ).body;
  expect(await shown(id)).toEqual({ last_success_at: null, last_job: null, is_stale: true });
  const run = async () => {
    const job = (await weft.post(`${path}/${id}/run`)).body.id;
    const ended = await until("its job has ended", async () => {
      const { last_job } = (await weft.get(`${path}/${id}`)).body;
      return last_job.id === job && last_job.completed_at !== null && last_job;
    });
    return { ...(await shown(id)), last_job: ended };
  };
  const succeeded = await run();
  expect(succeeded).toMatchObject({
    last_job: { status: "completed", error: null, duration_ms: expect.any(Number) },
    is_stale: false,
  });
  expect(succeeded.last_success_at).toBe(succeeded.last_job.completed_at);
  await weft.patch(`${path}/${id}`, { config: { fail_after: 1 } });
  const failed = await run();
  expect(failed).toMatchObject({
    last_job: { status: "failed", error: expect.stringContaining("fail") },
    is_stale: true,
  });
  expect(failed.last_success_at).toBe(succeeded.last_success_at);
});

test("a scheduled connection is stale when a run of its schedule is an hour overdue", async () => {
  await using opened = await openTestWeft({ sources: [stubSource] });
  const schedule = { cron: "0 6 * * *", timeZone: "UTC" };
  const made = await opened.connect("stub", { credentials: { stub_key: "k" }, schedule, syncImmediately: true });
  await opened.ended(keyOf(made), made.lastJob?.id ?? opened.origin.newId());
  const connection = await opened.store.readSourceConnection(keyOf(made));
  if (connection?.lastSuccessAt == null) throw new Error("The job did not complete.");
  const hour = 3_600_000;
  const six = Math.floor((connection.lastSuccessAt - 6 * hour) / (24 * hour) + 1) * 24 * hour + 6 * hour;
  const isStaleAt = (time: number) => listedOf(connection, time).is_stale;
  expect(isStaleAt(six + hour - 1)).toBe(false);
  expect(isStaleAt(six + hour)).toBe(true);
});
