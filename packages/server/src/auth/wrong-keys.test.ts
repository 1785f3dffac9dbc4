import { afterAll, beforeAll, expect, test } from "vitest";
import { documentedRights } from "../api/fixtures/rights-table.ts";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { adminKey, organizationToken, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import { limits } from "../domain/limits.ts";
import { WrongKeys } from "./wrong-keys.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await startWeft();
});
afterAll(() => weft[Symbol.asyncDispose]());

const guess = (n: number) => `weft_guess${n}-${"x".repeat(30)}`;

test("wrong keys from one address become a 429 with Retry-After, on every route of both APIs and at sign-in", async () => {
  const guarded = documentedRights().filter(({ needsNothing }) => !needsNothing);
  for (let i = 0; i < 3 * limits.wrongKeysPerSecondMax; i++) await weft.post("/v1/session", { api_key: guess(i) });
  const seen = new Map<number, number>();
  for (const [i, { method, path }] of guarded.entries()) {
    const url = path.replaceAll(/\{\w+\}/g, "00000000-0000-7000-8000-00000000dead");
    const response = await weft.call(method, url, { headers: { "x-api-key": guess(i) } });
    seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
    if (response.status === 429) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  expect([...seen.keys()].sort()).toEqual(expect.arrayContaining([429]));
  expect([...seen.keys()].every((status) => status === 401 || status === 429)).toBe(true);
  expect(seen.get(429)).toBeGreaterThan(guarded.length / 2);
});

test("at any rate of wrong keys, right keys from the same address sign in and call, even new ones", async () => {
  const flood = { goesOn: true, wrong: 0 };
  const flooding = Promise.all(
    Array.from({ length: 8 }, async (_, worker) => {
      while (flood.goesOn) {
        const response = await weft.post("/v1/session", { api_key: guess(worker * 1_000_000 + flood.wrong) });
        expect([401, 429]).toContain(response.status);
        flood.wrong += 1;
      }
    }),
  );
  const headers = { "x-api-key": adminKey };
  for (let i = 0; i < 20; i++) {
    const { key } = (await weft.post("/v1/api-keys", { name: "new", scopes: ["read"] }, { headers })).body;
    expect((await weft.post("/v1/session", { api_key: key })).status).toBe(200);
    expect((await weft.get("/v1/webhooks/subscriptions", { headers: { "x-api-key": key } })).status).toBe(200);
    const token = { authorization: `Bearer ${await organizationToken()}` };
    expect((await weft.get("/api/v1/event-type", { headers: token })).status).toBe(200);
  }
  flood.goesOn = false;
  await flooding;
  expect(flood.wrong).toBeGreaterThan(30);
});

test("a key is accepted after any number of wrong keys with the same prefix", async () => {
  const headers = { "x-api-key": adminKey };
  const { key } = (await weft.post("/v1/api-keys", { name: "known beginning" }, { headers })).body;
  for (let i = 0; i < 50; i++) {
    await weft.get("/v1/session", { headers: { "x-api-key": `${key.slice(0, 12)}${i}` } });
  }
  expect((await weft.get("/v1/session", { headers: { "x-api-key": key } })).status).toBe(200);
});

test("calls without a key do not count as guesses", async () => {
  await using calm = await startWeft();
  for (let i = 0; i < 5 * limits.wrongKeysPerSecondMax; i++) {
    expect((await calm.get("/v1/webhooks/subscriptions")).status).toBe(401);
  }
  expect((await calm.get("/v1/session", { headers: { "x-api-key": guess(1) } })).status).toBe(401);
});

const perSecond = limits.wrongKeysPerSecondMax;

function allowedOf(
  keys: WrongKeys,
  count: number,
  address: (i: number) => string,
  prefix: (i: number) => string | null,
) {
  return Array.from({ length: count }, (_, i) => keys.take(address(i), prefix(i))).filter((wait) => wait === null)
    .length;
}

test("each address may send a number of wrong keys per second, independently of other addresses", () => {
  const time = { now: 0 };
  const keys = new WrongKeys(() => time.now);
  expect(
    allowedOf(
      keys,
      100,
      () => "192.0.2.1",
      () => null,
    ),
  ).toBe(perSecond);
  expect(
    allowedOf(
      keys,
      100,
      () => "192.0.2.2",
      () => null,
    ),
  ).toBe(perSecond);
  time.now += 500;
  expect(
    allowedOf(
      keys,
      100,
      () => "192.0.2.1",
      () => null,
    ),
  ).toBe(perSecond / 2);
});

test("one key prefix is counted over all addresses, so that many machines guess no faster than one", () => {
  const keys = new WrongKeys(() => 0);
  expect(
    allowedOf(
      keys,
      500,
      (i) => `192.0.2.${i}`,
      () => "weft_abcdefg",
    ),
  ).toBe(perSecond);
  expect(
    allowedOf(
      keys,
      1,
      () => "198.51.100.1",
      () => "weft_another",
    ),
  ).toBe(1);
});

test.each([
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1"],
  ["2001:db8::1", "2001:db8:0:0:9::"],
  ["::1", "::2"],
])("%s and %s belong to one network", (one, other) => {
  const keys = new WrongKeys(() => 0);
  expect(
    allowedOf(
      keys,
      100,
      (i) => (i % 2 === 0 ? one : other),
      () => null,
    ),
  ).toBe(perSecond);
});

test("the counters are bounded, and a flood of addresses removes the oldest first", () => {
  const keys = new WrongKeys(() => 0);
  const flood = 2 * limits.wrongKeyCountersMax;
  expect(
    allowedOf(
      keys,
      flood,
      (i) => `address ${i}`,
      () => null,
    ),
  ).toBe(flood);
  const latest = `address ${flood - 1}`;
  expect(
    allowedOf(
      keys,
      100,
      () => latest,
      () => null,
    ),
  ).toBe(perSecond - 1);
  expect(
    allowedOf(
      keys,
      100,
      () => "address 0",
      () => null,
    ),
  ).toBe(perSecond);
});
