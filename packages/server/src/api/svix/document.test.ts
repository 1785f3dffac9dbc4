import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { startWeft } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await startWeft();
});
afterAll(() => weft[Symbol.asyncDispose]());

test("the document of this API describes its routes and schemas, and needs no token", async () => {
  const { status, body } = await weft.get("/api/v1/openapi.json");
  expect([status, body.openapi]).toEqual([200, "3.1.0"]);
  const routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, "{}")}`),
  );
  expect(routes).toEqual(
    expect.arrayContaining([
      "POST /api/v1/app/{}/endpoint/{}/recover",
      "POST /api/v1/app/{}/endpoint/{}/replay-missing",
      "POST /api/v1/app/{}/endpoint/{}/bulk-replay",
      "POST /api/v1/app/{}/msg/expunge-all-contents",
      "GET /api/v1/background-task",
      "GET /api/v1/background-task/{}",
      "POST /api/v1/auth/app-portal-access/{}",
      "POST /api/v1/auth/dashboard-access/{}",
      "POST /api/v1/auth/app/{}/expire-all",
      "POST /api/v1/auth/logout",
      "POST /api/v1/event-type/import/openapi",
      "POST /api/v1/stats/usage/app",
      "PUT /api/v1/stats/usage/event-types",
    ]),
  );
  const operations = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>)
    .flatMap((methods) => Object.values(methods))
    .map(({ operationId }) => operationId);
  expect(new Set(operations).size).toBe(operations.length);
  const references = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  for (const name of references) expect(body.components.schemas).toHaveProperty(name ?? "");
  expect(body.components.schemas.Error.required).toEqual(["detail"]);
});

test("health is available to GET and to HEAD", async () => {
  for (const [path, status] of [
    ["/api/v1/health", 200],
    ["/api/v1/health/", 200],
    ["/api/v1/health/ping", 204],
  ] as const) {
    for (const method of ["GET", "HEAD"]) {
      expect((await fetch(weft.url + path, { method })).status, `${method} ${path}`).toBe(status);
    }
  }
});
