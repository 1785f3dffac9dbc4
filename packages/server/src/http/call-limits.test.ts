import { afterAll, beforeAll, expect, test } from "vitest";
import { type HttpResponse, RunningWeft } from "../api/fixtures/running-weft.ts";
import { adminKey, organizationToken, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import type { OrganizationId } from "../domain/id.ts";
import { CallLimits } from "./call-limits.ts";

const [acme, other] = ["acme", "other"] as OrganizationId[] as [OrganizationId, OrganizationId];

test("an organization calls at its rate, independently of others, and continues when its time has come", () => {
  let now = 0;
  const limits = new CallLimits(2, () => now);
  expect(limits.take(acme)).toMatchObject({ isExceeded: false, limit: 2, remaining: 1, resetSeconds: 1 });
  expect(limits.take(acme)).toMatchObject({ isExceeded: false, remaining: 0 });
  expect(limits.take(acme)).toMatchObject({ isExceeded: true, remaining: 0, retrySeconds: 1 });
  expect(limits.take(other)).toMatchObject({ isExceeded: false });
  now = 500;
  expect(limits.take(acme)).toMatchObject({ isExceeded: false, remaining: 0 });
  expect(limits.take(acme)).toMatchObject({ isExceeded: true });
  now = 60_000;
  expect(limits.take(acme)).toMatchObject({ isExceeded: false, remaining: 1 });
});

test("without a limit no call is counted", () => {
  expect(new CallLimits(null, () => 0).take(acme)).toBeNull();
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
  const responses = await Promise.all(Array.from({ length: 8 }, list));
  const refused = responses.filter(({ status }) => status === 429);
  expect(responses.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThan(0);
  for (const response of responses) expect(limitOf(response)).toEqual(["1", "0", "1"]);
  for (const { headers, body } of refused) {
    expect(headers.get("retry-after")).toBe("1");
    expect(body).toMatchObject({ code: "rate_limited", detail: expect.stringContaining("1 call a second") });
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

test("an installation without a limit sends no such headers", async () => {
  await using unlimited = await RunningWeft.start();
  expect(limitOf(await unlimited.get("/v1/collections"))).toEqual([null, null, null]);
});
