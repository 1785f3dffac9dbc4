import { expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { status } from "../../delivery/fixtures/receiver.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const path = "/webhooks/subscriptions";
const zeros = "00000000-0000-0000-0000-000000000000";
const minute = 60_000;

interface Bucket {
  readonly start: string;
  readonly attempts: number;
  readonly duration_ms: { readonly p50: number } | null;
}

test("attempts are counted as they are made, with zeros for empty steps, for one subscription and for all", async () => {
  const before = (await used.weft.get("/webhooks/stats?step=5m")).body;
  const { id } = (await subscribe({ retry_schedule: [] })).body;
  await used.weft.post("/events", completed());
  await until("it arrived", () => used.receiver.received.length === 1);
  used.receiver.respond = status(500);
  for (let i = 0; i < 2; i++) await used.weft.post(`${path}/${id}/test`, { event_type: "sync.failed" });
  const stats = async () => (await used.weft.get(`${path}/${id}/stats`)).body;
  const { buckets, ...total } = await until("all are recorded", async () => {
    const response = await stats();
    return response.attempts === 3 && response;
  });
  expect(total).toMatchObject({ succeeded: 1, failed: 2, step_seconds: 1_800 });
  expect(total.duration_ms.p50).toBeLessThanOrEqual(total.duration_ms.p99);
  expect(buckets.length).toBeGreaterThanOrEqual(48);
  expect(Date.parse(total.since)).toBe(Date.parse(buckets[0].start));
  expect(Date.parse(total.until) - Date.parse(total.since)).toBe(buckets.length * 30 * minute);
  expect(buckets.reduce((sum: number, { attempts }: Bucket) => sum + attempts, 0)).toBe(3);
  for (const { attempts, duration_ms } of buckets) expect(duration_ms === null).toBe(attempts === 0);
  const all = (await used.weft.get("/webhooks/stats?step=5m")).body;
  expect(all.attempts - before.attempts).toBe(3);
  expect(all.failed - before.failed).toBe(2);
});

test("buckets begin at multiples of their length, and the window is widened to whole buckets", async () => {
  const now = Date.now();
  const iso = (ms: number) => new Date(ms).toISOString();
  const { body } = await used.weft.get(`/webhooks/stats?step=10m&since=${iso(now - 25 * minute)}&until=${iso(now)}`);
  expect(body.step_seconds).toBe(600);
  expect(Date.parse(body.since)).toBe(Math.floor((now - 25 * minute) / (10 * minute)) * 10 * minute);
  expect(Date.parse(body.until)).toBe(Math.ceil(now / (10 * minute)) * 10 * minute);
  expect(Date.parse(body.buckets[1].start) - Date.parse(body.buckets[0].start)).toBe(10 * minute);
});

test("a step is given with its unit or in seconds, and old statistics have steps of whole hours", async () => {
  const ago = (minutes: number) => new Date(Date.now() - minutes * minute).toISOString();
  const step = async (query: string) => (await used.weft.get(`/webhooks/stats?${query}`)).body.step_seconds;
  expect(await step(`step=90m&since=${ago(600)}`)).toBe(5_400);
  expect(await step(`step=120&since=${ago(60)}`)).toBe(120);
  expect(await step(`step=1d&since=${ago(1_440 * 30)}`)).toBe(86_400);
  expect(await step(`step=90m&since=${ago(1_440 * 5)}`)).toBe(7_200);
});

test("an impossible query is a 422 with the reason, and an unknown subscription is a 404", async () => {
  const days = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString();
  const refused = async (query: string) => {
    const response = await used.weft.get(`/webhooks/stats?${query}`);
    expect(response.status, query).toBe(422);
    return response.body.detail as string;
  };
  expect(await refused("step=5w")).toContain("query.step");
  expect(await refused("step=90s")).toContain("whole minutes");
  expect(await refused("step=0")).toContain("whole minutes");
  expect(await refused(`step=1m&since=${days(-1)}`)).toContain("1000 buckets");
  expect(await refused(`until=${days(1)}`)).toContain("future");
  expect(await refused(`since=${days(-1)}&until=${days(-2)}`)).toContain("before");
  expect(await refused(`since=${days(-91)}`)).toContain("90 days");
  expect((await used.weft.get(`${path}/${zeros}/stats`)).status).toBe(404);
});
