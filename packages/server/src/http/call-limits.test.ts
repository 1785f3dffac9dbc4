import { afterAll, beforeAll, expect, test } from "vitest";
import { type HttpResponse, RunningWeft } from "../api/fixtures/running-weft.ts";
import { adminKey, organizationToken, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import type { OrganizationId } from "../domain/id.ts";
import { CallLimits } from "./call-limits.ts";

const [acme, other] = ["acme", "other"] as OrganizationId[] as [OrganizationId, OrganizationId];

test("an organization calls at its rate, independently of others, and continues when its time has come", () => {
  let now = 0;
  const limits = new CallLimits(2, () => now);
  expect(limits.take(acme)).toMatchObject({ isExceeded: false, limit: 2, remaining: 1, resetAtSeconds: 1 });
  expect(limits.take(acme)).toMatchObject({ isExceeded: false, remaining: 0 });
  expect(limits.take(acme)).toMatchObject({ isExceeded: true, remaining: 0, retrySeconds: 1 });
  expect(limits.take(other)).toMatchObject({ isExceeded: false });
  now = 500;
  expect(limits.take(acme)).toMatchObject({ isExceeded: false, remaining: 0 });
  expect(limits.take(acme)).toMatchObject({ isExceeded: true });
  now = 60_000;
  expect(limits.take(acme)).toMatchObject({ isExceeded: false, remaining: 1 });
});

test("without a limit no call is refused, and the number 9999 says so", () => {
  const limits = new CallLimits(null, () => 1_500);
  const unlimited = { isExceeded: false, limit: 9_999, remaining: 9_999, resetAtSeconds: 2 };
  for (let call = 0; call < 20_000; call++) expect(limits.take(acme)).toMatchObject(unlimited);
});

let weft: RunningWeft;
beforeAll(async () => {
  weft = await startWeft({ WEFT_API_RATE_LIMIT: "1" });
});
afterAll(() => weft[Symbol.asyncDispose]());

const limitOf = ({ headers }: HttpResponse) =>
  ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map((name) => headers.get(name));

test("responses show the remaining calls, and beyond the limit a 429 says when to try again", async () => {
  const headers = { "x-api-key": adminKey };
  const list = () => weft.get("/v1/webhooks/subscriptions", { headers });
  const startedAt = Date.now();
  const responses = await Promise.all(Array.from({ length: 8 }, list));
  const refused = responses.filter(({ status }) => status === 429);
  expect(responses.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThan(0);
  for (const response of responses) {
    const [limit, remaining, reset] = limitOf(response);
    expect([limit, remaining]).toEqual(["1", "0"]);
    expect(Number(reset) * 1_000).toBeGreaterThan(startedAt);
    expect(Number(reset) * 1_000).toBeLessThanOrEqual(Date.now() + 2_000);
  }
  for (const { headers, body } of refused) {
    expect(headers.get("retry-after")).toBe("1");
    expect(body).toMatchObject({ code: "rate_limited", detail: expect.stringContaining("1 call per second") });
  }
  const authorization = `Bearer ${await organizationToken()}`;
  const bySdk = await Promise.all(
    Array.from({ length: 4 }, () => weft.call("GET", "/api/v1/app", { headers: { authorization } })),
  );
  expect(bySdk.filter(({ status }) => status === 429)[0]?.body).toMatchObject({ code: "rate_limited" });
});

test("callers without a key are not counted, and health checks always work", async () => {
  const responses = await Promise.all(Array.from({ length: 5 }, () => weft.get("/health/live")));
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  const strangers = await Promise.all(Array.from({ length: 5 }, () => weft.get("/v1/collections")));
  expect(strangers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
});

test("an installation without a limit says so, to callers with a key and under dev", async () => {
  await using unlimited = await RunningWeft.start();
  expect(limitOf(await unlimited.get("/v1/collections"))).toEqual(["9999", "9999", expect.stringMatching(/^\d{10}$/)]);
  expect(limitOf(await unlimited.get("/health/live"))).toEqual([null, null, null]);
});
