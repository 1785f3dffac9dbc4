import { expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { status } from "../../delivery/fixtures/receiver.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const path = "/webhooks/subscriptions";
const zeros = "00000000-0000-0000-0000-000000000000";

test("a disabled subscription gets nothing, and enabling it with recover_since sends the missed messages once", async () => {
  const { id } = (await subscribe()).body;
  const since = new Date().toISOString();
  expect((await used.weft.patch(`${path}/${id}`, { disabled: true })).body).toMatchObject({
    disabled: true,
    disabled_reason: "Disabled by request.",
  });
  const missed = (await used.weft.post("/events", completed())).body.id;
  expect(
    (await used.weft.get(`/webhooks/messages/${missed}?include_attempts=true`)).body.delivery_attempts,
  ).toBeDefined();
  const enabled = await used.weft.patch(`${path}/${id}`, { disabled: false, recover_since: since });
  expect(enabled.body).toMatchObject({ disabled: false, disabled_reason: null });
  await until("the missed one arrived at it", async () => {
    const { body } = await used.weft.get(`${path}/${id}`);
    return body.delivery_attempts.some(
      (attempt: { message_id: string; trigger: string }) =>
        attempt.message_id === missed && attempt.trigger === "recovery",
    );
  });
  const recoveries = await until("its outcome is recorded", async () => {
    const { body } = await used.weft.get(`${path}/${id}/recoveries`);
    return body[0].status === "completed" && body[0].outcomes.delivered === 1 && body;
  });
  expect(recoveries).toMatchObject([
    { id: expect.stringMatching(/^rcvr_/), total: 1, outcomes: { failed: 0, waiting: 0 } },
  ]);
});

test("mistakes in recover_since are reported, and nothing changes", async () => {
  const { id } = (await subscribe()).body;
  const tooLong = { disabled: false, recover_since: new Date(Date.now() - 15 * 86_400_000).toISOString() };
  expect(await used.weft.patch(`${path}/${id}`, tooLong)).toMatchObject({
    status: 422,
    body: { detail: "Cannot recover more than 14 days of messages" },
  });
  expect((await used.weft.patch(`${path}/${id}`, { recover_since: new Date().toISOString() })).status).toBe(422);
  expect((await used.weft.patch(`${path}/${id}`, { disabled: false, recover_since: "yesterday" })).status).toBe(422);
});

test("a recovery of failed messages runs to its end and shows its progress", async () => {
  used.receiver.respond = status(500);
  const { id } = (await subscribe({ retry_schedule: [] })).body;
  const since = new Date().toISOString();
  for (let i = 0; i < 3; i++) await used.weft.post("/events", completed());
  await until(
    "all failed",
    async () => (await used.weft.get(`${path}/${id}/attempts?status=failed`)).body.length === 3,
  );
  used.receiver.respond = status(204);
  const recovery = await used.weft.post(`${path}/${id}/recover`, { since });
  expect(recovery).toMatchObject({ status: 200, body: { status: "running", total: null, recovered: 0 } });
  const done = await until("it completed", async () => {
    const { body } = await used.weft.get(`${path}/${id}/recoveries/${recovery.body.id}`);
    return body.status === "completed" && body;
  });
  expect(done).toMatchObject({ total: 3, recovered: 3 });
  await until(
    "all arrived",
    async () => (await used.weft.get(`${path}/${id}/attempts?status=success`)).body.length === 3,
  );
  expect((await used.weft.get(`${path}/${id}/recoveries/${recovery.body.id}`)).body.outcomes).toEqual({
    delivered: 3,
    failed: 0,
    waiting: 0,
    waiting_reason: null,
    set_aside: 0,
    is_exact: true,
  });
  expect((await used.weft.get(`${path}/${id}/recoveries/preview?since=${since}`)).body.deliveries).toBe(0);
});

test("a window that ends before it begins recovers nothing and is valid, and one that is too long is refused", async () => {
  const { id } = (await subscribe()).body;
  const hour = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  expect(await used.weft.post(`${path}/${id}/recover`, { since: hour(1), until: hour(2) })).toMatchObject({
    status: 200,
    body: { status: "completed", total: 0, warning: expect.stringContaining("ends before it begins") },
  });
  expect(await used.weft.post(`${path}/${id}/recover`, { since: hour(-1) })).toMatchObject({
    status: 422,
    body: { errors: [{ loc: ["body", "since"], type: "in_future" }] },
  });
  expect((await used.weft.get(`${path}/${id}/recoveries/preview?since=${hour(-1)}`)).status).toBe(422);
  expect((await used.weft.patch(`${path}/${id}`, { disabled: false, recover_since: hour(-1) })).status).toBe(422);
  expect((await used.weft.post(`${path}/${id}/recover`, { since: hour(15 * 24) })).body.detail).toBe(
    "Cannot recover more than 14 days of messages",
  );
  expect((await used.weft.post(`${path}/${id}/recover`, {})).status).toBe(422);
  expect((await used.weft.post(`${path}/${zeros}/recover`, { since: hour(99 * 24) })).status).toBe(404);
});

test("a preview counts the deliveries that a recovery would send, by scope, and starts none", async () => {
  const { id } = (await subscribe({ retry_schedule: [] })).body;
  const since = new Date().toISOString();
  const settled = async (outcome: string) =>
    (await used.weft.get(`${path}/${id}/attempts?status=${outcome}`)).body.length === 1;
  await used.weft.post("/events", completed());
  await until("one arrived", () => settled("success"));
  used.receiver.respond = status(500);
  await used.weft.post("/events", completed());
  await until("one failed", () => settled("failed"));
  await used.weft.patch(`${path}/${id}`, { disabled: true });
  await used.weft.post("/events", completed());
  await used.weft.patch(`${path}/${id}`, { disabled: false });
  used.receiver.respond = status(204);
  const preview = async (query = "") =>
    (await used.weft.get(`${path}/${id}/recoveries/preview?since=${since}${query}`)).body;
  expect(await preview("&scope=never_sent")).toEqual({ deliveries: 1, is_exact: true });
  expect(await preview()).toEqual({ deliveries: 2, is_exact: true });
  expect(await preview("&scope=everything")).toEqual({ deliveries: 3, is_exact: true });
  expect(await preview(`&until=${since}`)).toEqual({ deliveries: 0, is_exact: true });
  expect((await used.weft.get(`${path}/${id}/recoveries`)).body).toEqual([]);
  for (const [scope, total] of Object.entries({ never_sent: 1, undelivered: 1, everything: 3 })) {
    const until_ = new Date().toISOString();
    expect((await preview(`&scope=${scope}&until=${until_}`)).deliveries).toBe(total);
    const begun = (await used.weft.post(`${path}/${id}/recover`, { since, until: until_, scope })).body;
    const done = await until("it completed", async () => {
      const { body } = await used.weft.get(`${path}/${id}/recoveries/${begun.id}`);
      return body.status === "completed" && body;
    });
    expect(done).toMatchObject({ total, recovered: total });
    await until(
      "all were sent",
      async () => (await used.weft.get("/webhooks/backlog")).body.subscriptions.length === 0,
    );
  }
});

test("a recovery is paused, continued and cancelled by its routes", async () => {
  const { id } = (await subscribe()).body;
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const begun = (await used.weft.post(`${path}/${id}/recover`, { since })).body;
  const recovery = `${path}/${id}/recoveries/${begun.id}`;
  const paused = await used.weft.post(`${recovery}/pause`);
  // The upkeep may have finished already.
  if (paused.status === 409) expect(paused.body.detail).toContain("completed");
  else {
    expect(paused.body.status).toBe("paused");
    expect((await used.weft.post(`${recovery}/pause`)).body.status).toBe("paused");
    expect((await used.weft.post(`${recovery}/resume`)).body.status).toBe("running");
  }
  const done = await until("it completed", async () => {
    const { body } = await used.weft.get(recovery);
    return body.status === "completed" && body;
  });
  expect(done.outcomes).toMatchObject({ delivered: 0, waiting: 0, waiting_reason: null });
  expect(await used.weft.post(`${recovery}/cancel`)).toMatchObject({ status: 409, body: { code: "recovery_ended" } });
  expect((await used.weft.post(`${path}/${id}/recoveries/rcvr_nothing/cancel`)).status).toBe(404);
});

test("a disabled subscription must be enabled before a recovery", async () => {
  const { id } = (await subscribe()).body;
  await used.weft.patch(`${path}/${id}`, { disabled: true });
  const since = new Date(Date.now() - 3_600_000).toISOString();
  expect(await used.weft.post(`${path}/${id}/recover`, { since })).toMatchObject({
    status: 409,
    body: { code: "subscription_disabled", detail: expect.stringContaining("Enable it") },
  });
  expect((await used.weft.get(`${path}/${id}/recoveries`)).body).toEqual([]);
});

test("a new subscription has no earlier messages to recover", async () => {
  await used.weft.post("/events", completed());
  const { id } = (await subscribe()).body;
  const since = new Date(Date.now() - 3_600_000).toISOString();
  for (const scope of ["undelivered", "never_sent", "everything"]) {
    const { body } = await used.weft.get(`${path}/${id}/recoveries/preview?since=${since}&scope=${scope}`);
    expect(body, scope).toEqual({ deliveries: 0, is_exact: true });
  }
});

test("a preview has the limits of a recovery, and locates mistakes", async () => {
  const { id } = (await subscribe()).body;
  const days = (count: number) => new Date(Date.now() - count * 86_400_000).toISOString();
  const preview = (query: string) => used.weft.get(`${path}/${id}/recoveries/preview?${query}`);
  expect(await preview(`since=${days(15)}`)).toMatchObject({
    status: 422,
    body: { errors: [{ loc: ["query", "since"] }] },
  });
  expect((await preview("")).status).toBe(422);
  expect((await preview(`since=${days(1)}&scope=some`)).status).toBe(422);
  expect((await used.weft.get(`${path}/${zeros}/recoveries/preview?since=${days(1)}`)).status).toBe(404);
});
