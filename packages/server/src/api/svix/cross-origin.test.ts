import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { organizationToken, startWeft } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await startWeft();
});
afterAll(() => weft[Symbol.asyncDispose]());

const origin = "https://portal.example.com";

test("a page of any site may call with a token of its own, and read responses and errors", async () => {
  const request = {
    origin,
    "access-control-request-method": "PATCH",
    "access-control-request-headers": "authorization",
  };
  const preflight = await fetch(`${weft.url}/api/v1/app/acme`, { method: "OPTIONS", headers: request });
  expect(preflight.status).toBe(204);
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    "access-control-allow-origin": "*",
    "access-control-allow-methods": expect.stringContaining("PATCH"),
    "access-control-allow-headers": "authorization",
    "access-control-max-age": "600",
  });
  const authorization = `Bearer ${await organizationToken()}`;
  for (const [headers, status] of [
    [{ origin, authorization }, 200],
    [{ origin }, 401],
  ] as const) {
    const response = await fetch(`${weft.url}/api/v1/app`, { headers });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([status, "*"]);
  }
});

test("Weft's own API refuses pages of other sites", async () => {
  const response = await fetch(`${weft.url}/v1/collections`, { headers: { origin } });
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
});
