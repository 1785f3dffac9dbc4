import { afterAll, beforeAll, expect, test } from "vitest";
import { parseId, prefixed } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";
import { completed } from "../fixtures/weft-and-receiver.ts";

const adminKey = "an-admin-key-that-the-operator-gave-weft";
const operator = { headers: { "x-api-key": adminKey, authorization: `Bearer ${adminKey}` } };

let weft: RunningWeft;
beforeAll(async () => {
  weft = await RunningWeft.start({ WEFT_AUTH: "required", WEFT_ADMIN_KEY: adminKey });
});
afterAll(() => weft[Symbol.asyncDispose]());

const tasks = async (query = "", as: object = operator) =>
  (await weft.get(`/background-tasks${query}`, as)).body as { id: string; kind: string; status: string }[];

/** A purge that was cancelled before its end: most need more than one step for so many messages. */
async function cancelledPurge(app: string) {
  for (;;) {
    const purge = (await weft.post(`/api/v1/app/${app}/msg/expunge-all-contents`, undefined, operator)).body;
    const running = await tasks("?status=running");
    const cancelled = await weft.post(`/background-tasks/${purge.id}/cancel`, undefined, operator);
    if (cancelled.status === 200) return { purge, running, cancelled: cancelled.body };
    expect(cancelled).toMatchObject({ status: 409, body: { code: "task_ended" } });
  }
}

test("a purge is listed while it runs, and cancelled permanently", async () => {
  const count = limits.taskStepMessages * 2;
  for (let made = 0; made < count; made += limits.eventsPerBatchMax) {
    const batch = Array.from({ length: limits.eventsPerBatchMax }, completed);
    expect((await weft.post("/events", batch, operator)).status).toBe(200);
  }
  const app = prefixed("app", weft.weft.organizationId);
  const { purge, running, cancelled } = await cancelledPurge(app);
  expect(running[0]).toMatchObject({ id: purge.id, kind: "payload_purge", subscription_id: null });
  expect(cancelled).toMatchObject({ id: purge.id, status: "cancelled" });
  expect(cancelled.done).toBeLessThan(cancelled.total);
  expect((await tasks("?status=cancelled"))[0]).toEqual(cancelled);
  expect((await tasks("?status=running")).map(({ id }) => id)).not.toContain(purge.id);
  // The SDKs of Svix know no such state.
  const shown = await weft.get(`/api/v1/background-task/${purge.id}`, operator);
  expect(shown.body).toMatchObject({ status: "failed", data: { done: cancelled.done } });
  const failed = await weft.get("/api/v1/background-task?status=failed", operator);
  expect(failed.body.data.map(({ id }: { id: string }) => id)).toContain(purge.id);
  const again = await weft.post(`/background-tasks/${purge.id}/cancel`, undefined, operator);
  expect(again).toMatchObject({ status: 200, body: { status: "cancelled" } });
});

test("tasks of other organizations and surveys are hidden from keys, and surveys are shown to operators", async () => {
  const { id } = (await weft.post("/organizations", { name: "Acme" }, operator)).body;
  const theirs = { headers: { ...operator.headers, "x-organization-id": id } };
  const { key } = (await weft.post("/api-keys", { name: "k", scopes: ["read", "write"] }, theirs)).body;
  const asKey = { headers: { "x-api-key": key } };
  const survey = (await weft.call("PUT", "/api/v1/stats/usage/event-types", operator)).body;
  expect(parseId("qtask", survey.id)).not.toBeNull();
  expect((await tasks("?limit=250", theirs)).map(({ kind }) => kind)).toContain("event_type_survey");
  expect(await tasks("?limit=250", asKey)).toEqual([]);
  for (const { id: task } of await tasks("?limit=250")) {
    expect((await weft.post(`/background-tasks/${task}/cancel`, undefined, asKey)).status).toBe(404);
  }
  expect((await weft.post("/background-tasks/qtask_nothing/cancel", undefined, operator)).status).toBe(404);
  expect((await weft.get("/background-tasks?status=paused", operator)).status).toBe(422);
});
