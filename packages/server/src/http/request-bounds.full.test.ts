import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { adminKey, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import { limits } from "../domain/limits.ts";
import { TestDatabases } from "../store/postgres/fixtures/test-databases.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const settings = {
  SQLite: async () => ({}),
  PostgreSQL: async () => ({
    WEFT_DATABASE_URL: await databases.fresh(),
    WEFT_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  }),
};

interface TestResponse {
  readonly status: number;
  readonly text: string;
}

function send(
  weft: RunningWeft,
  method: string,
  path: string,
  body: string,
  key: string | null,
): Promise<TestResponse> {
  const { hostname, port } = new URL(weft.url);
  const headers = { "content-type": "application/json", ...(key !== null && { "x-api-key": key }) };
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      call.destroy();
    });
    call.on("error", reject);
    call.end(body);
  });
}

/** Every route of both documents with a body, each with ids that do not exist. */
async function routesWithBodies(weft: RunningWeft): Promise<{ method: string; path: string }[]> {
  const found: { method: string; path: string }[] = [];
  for (const address of ["/openapi.json", "/api/v1/openapi.json"]) {
    const { paths } = (await (await fetch(weft.url + address)).json()) as { paths: Record<string, object> };
    for (const [path, operations] of Object.entries(paths)) {
      for (const method of Object.keys(operations)) {
        if (method === "get") continue;
        const filled = path.replaceAll(/\{\w+\}/g, "00000000-0000-7000-8000-000000000001");
        found.push({ method: method.toUpperCase(), path: filled });
      }
    }
  }
  return found;
}

const manyKeys = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":1`).join(",");
const deep = "[".repeat(100_000) + "]".repeat(100_000);
const deepObjects = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;

// Each is no larger than the largest allowed body, so that its structure causes the refusal.
const hostile: [string, string][] = [
  ["arrays nested a hundred thousand levels deep", deep],
  ["objects nested fifty thousand levels deep", deepObjects],
  ["a field nested a hundred thousand levels deep", `{"name":"Acme","a":${deep}}`],
  ["a list nested in a list of events", `[{"event_type":"sync.completed","payload":{"a":${deep}}}]`],
  ["nesting that is never closed", "[".repeat(1_000_000)],
  ["a hundred and fifty thousand fields", `{${manyKeys(150_000)}}`],
  ["seven hundred thousand empty objects", `[${Array(690_000).fill("{}").join(",")}]`],
  ["a million numbers", `{"a":[${Array(1_000_000).fill("1").join(",")}]}`],
  ["a string of two million characters", `{"name":"${"x".repeat(2_000_000)}"}`],
  ["a key of two million characters", `{"${"x".repeat(2_000_000)}":1}`],
  ["a body of three million bytes", `{"name":"${"x".repeat(3_000_000)}"}`],
];

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  let routes: { method: string; path: string }[];
  beforeAll(async () => {
    weft = await startWeft(await settings[database]());
    routes = await routesWithBodies(weft);
  });
  afterAll(() => weft[Symbol.asyncDispose]());

  test.each(hostile)("every route refuses %s within few bytes, with and without a key", async (_, body) => {
    expect(routes.length).toBeGreaterThan(60);
    for (const { method, path } of routes) {
      for (const key of [adminKey, null]) {
        const { status, text } = await send(weft, method, path, body, key);
        expect(status, `${method} ${path}: ${text.slice(0, 500)}`).toBeGreaterThanOrEqual(400);
        expect(status, `${method} ${path}: ${text.slice(0, 500)}`).toBeLessThan(500);
        expect(text.length, `${method} ${path}`).toBeLessThan(8 * 1_024);
      }
    }
  });

  test("the body of a request to an unknown route is dropped unread", async () => {
    for (const path of ["/v1/nothing", "/api/v1/nothing"]) {
      expect((await send(weft, "POST", path, deep, null)).status).toBe(404);
      expect((await send(weft, "POST", path, '{"a":', null)).status).toBe(404);
    }
  });

  test("the body of a caller who may not call the route is not read", async () => {
    expect((await send(weft, "POST", "/v1/webhooks/subscriptions", '{"a":', null)).status).toBe(401);
    expect((await send(weft, "POST", "/api/v1/app", '{"a":', null)).status).toBe(401);
  });

  test.each([
    ["unknown fields", "/v1/session", `{${manyKeys(30)}}`],
    ["unknown fields", "/v1/webhooks/subscriptions", `{${manyKeys(9_000)}}`],
    ["filters of the wrong kind", "/v1/webhooks/subscriptions", subscription(`"filters":{${manyKeys(9_000)}}`)],
    ["headers of the wrong kind", "/v1/webhooks/subscriptions", subscription(`"headers":{${manyKeys(9_000)}}`)],
    ["metadata of the wrong kind", "/api/v1/app", `{"name":"Acme","metadata":{${manyKeys(900)}}}`],
    ["event types that are not known", "/v1/webhooks/subscriptions", subscription(`"event_types":[${texts(100)}]`)],
    [
      "event types that are not known",
      "/api/v1/app/app/endpoint",
      `{"url":"https://a.com","eventTypes":[${texts(90)}]}`,
    ],
    ["settings of the wrong kind", "/v1/source-connections", connection(`{${manyKeys(9_000)}}`)],
    ["events without a type", "/v1/events", `[${Array(1_000).fill("{}").join(",")}]`],
    ["more events than a batch has", "/v1/events", `[${Array(70_000).fill("{}").join(",")}]`],
    ["long keys", "/v1/webhooks/subscriptions", `{"${"k".repeat(300_000)}":1}`],
    ["a long enumerated value", "/v1/webhooks/subscriptions", subscription(`"destination":"${"k".repeat(300_000)}"`)],
  ])("mistakes are listed fifty at most, and repeat little of the request: %s at %s", async (_, path, body) => {
    await send(weft, "POST", "/api/v1/app", '{"name":"Acme","uid":"app"}', adminKey);
    await send(weft, "POST", "/v1/collections", '{"name":"Acme","readable_id":"acme"}', adminKey);
    const { status, text } = await send(weft, "POST", path, body, adminKey);
    expect([400, 422], text.slice(0, 500)).toContain(status);
    const { errors, detail } = JSON.parse(text) as { errors?: unknown[]; detail: unknown };
    expect((errors ?? (Array.isArray(detail) ? detail : [])).length).toBeLessThanOrEqual(limits.mistakesMax);
    expect(text.length).toBeLessThan(32 * 1_024);
  });

  test("bounds leave room for the largest allowed requests", async () => {
    const headers = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`x-${at}`, "v".repeat(4_096)]));
    const filters = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f${at}`, Array(100).fill("value")]));
    const largest = subscription(`"headers":${JSON.stringify(headers)},"filters":${JSON.stringify(filters)}`);
    expect((await send(weft, "POST", "/v1/webhooks/subscriptions", largest, adminKey)).status).toBe(200);
    const event = JSON.stringify({ event_type: "a.b", payload: { text: "x".repeat(limits.payloadBytesDefault - 20) } });
    const message = event.replace("event_type", "eventType");
    await send(weft, "POST", "/api/v1/app", '{"name":"Acme","uid":"app"}', adminKey);
    expect((await send(weft, "POST", "/api/v1/app/app/msg", message, adminKey)).status).toBe(202);
    const numbers = `{"eventType":"a.b","payload":{"vector":[${Array(25_000).fill("-0.0123456").join(",")}]}}`;
    expect((await send(weft, "POST", "/api/v1/app/app/msg", numbers, adminKey)).status).toBe(413);
    const fewer = `{"eventType":"a.b","payload":{"vector":[${Array(23_000).fill("-0.0123456").join(",")}]}}`;
    expect((await send(weft, "POST", "/api/v1/app/app/msg", fewer, adminKey)).status).toBe(202);
  });

  test("no bytes are counted when all requests are over", async () => {
    await expect.poll(() => weft.weft.bytesUnderWay.held).toBe(0);
  });
});

function subscription(more: string): string {
  return more.includes("event_types")
    ? `{"url":"https://example.com",${more}}`
    : `{"url":"https://example.com","event_types":["*"],${more}}`;
}

function connection(config: string): string {
  return `{"short_name":"stub","readable_collection_id":"acme","config":${config}}`;
}

function texts(count: number): string {
  return Array(count)
    .fill(`"${"t".repeat(2_000)}"`)
    .join(",");
}
