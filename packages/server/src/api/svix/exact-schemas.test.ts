import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, startWeft } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await startWeft({});
});
afterAll(() => weft[Symbol.asyncDispose]());

const headers = { "x-api-key": adminKey };
const call = (method: string, path: string, text: string) => weft.call(method, path, { text, headers });

const schemaOf = (field: string) => `{"type":"object","properties":{"account_id":${field}}}`;
const typeOf = (name: string, field: string) =>
  `{"name":"${name}","description":"","schemas":{"1":${schemaOf(field)}}}`;

async function publish(type: string, accountId: string): Promise<number> {
  return (await call("POST", "/v1/events", `{"event_type":"${type}","payload":{"account_id":${accountId}}}`)).status;
}

test("a schema's numbers are stored, shown and checked as they were given, after every kind of change", async () => {
  const made = await call("POST", "/api/v1/event-type", typeOf("bank.const", '{"const":9007199254740993}'));
  expect([made.status, made.text]).toEqual([201, expect.stringContaining('{"const":9007199254740993}')]);
  expect((await weft.get("/api/v1/event-type/bank.const", { headers })).text).toContain("9007199254740993");
  expect((await weft.get("/v1/webhooks/event-types", { headers })).text).toContain('{"const":9007199254740993}');
  expect(await publish("bank.const", "9007199254740993")).toBe(200);
  expect(await publish("bank.const", "9007199254740992")).toBe(422);
  const patch = `{"schemas":{"1":${schemaOf('{"enum":[9007199254740995]}')}}}`;
  expect((await call("PATCH", "/api/v1/event-type/bank.const", patch)).text).toContain("[9007199254740995]");
  expect(await publish("bank.const", "9007199254740995")).toBe(200);
  expect(await publish("bank.const", "9007199254740996")).toBe(422);
  expect((await call("PATCH", "/api/v1/event-type/bank.const", '{"description":"Kept"}')).text).toContain("740995]");
  const put = `{"description":"","schemas":{"1":${schemaOf('{"minimum":9007199254740993}')}}}`;
  expect((await call("PUT", "/api/v1/event-type/bank.const", put)).text).toContain('{"minimum":9007199254740993}');
  expect(await publish("bank.const", "9007199254740992")).toBe(422);
  expect((await call("PATCH", "/api/v1/event-type/bank.const", '{"schemas":null}')).body.schemas).toBeNull();
  expect(await publish("bank.const", "9007199254740992")).toBe(200);
});

test("amounts are multiples of a hundredth in decimal arithmetic", async () => {
  await call("POST", "/api/v1/event-type", typeOf("bank.amount", '{"multipleOf":0.01}'));
  for (const amount of ["19.99", "0.07", "4.35", "1.15", "1.150", "7e-2"]) {
    expect(await publish("bank.amount", amount), amount).toBe(200);
  }
  for (const amount of ["0.001", "19.995", "19.9900000000000000001"]) {
    expect(await publish("bank.amount", amount), amount).toBe(422);
  }
});

test("an imported OpenAPI document keeps its numbers, as an object and as text", async () => {
  const document = (field: string) =>
    `{"openapi":"3.1.0","webhooks":{"bank.imported":{"post":{"requestBody":{"content":{"application/json":{"schema":${schemaOf(field)}}}}}}}}`;
  const path = "/api/v1/event-type/import/openapi";
  await call("POST", path, `{"spec":${document('{"const":9007199254740993}')}}`);
  expect(await publish("bank.imported", "9007199254740993")).toBe(200);
  expect(await publish("bank.imported", "9007199254740992")).toBe(422);
  await call("POST", path, JSON.stringify({ specRaw: document('{"const":9007199254740995}') }));
  expect(await publish("bank.imported", "9007199254740995")).toBe(200);
  expect(await publish("bank.imported", "9007199254740996")).toBe(422);
});
