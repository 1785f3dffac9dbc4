import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, organizationToken, startWeft } from "../svix/fixtures/svix-clients.ts";

let weft: RunningWeft;
let token: string;
beforeAll(async () => {
  weft = await startWeft();
  token = await organizationToken();
});
afterAll(() => weft[Symbol.asyncDispose]());

function call(method: string, path: string, body?: unknown) {
  return weft.call(method, path, { body, headers: { authorization: `Bearer ${adminKey}` } });
}

function define(name: string, schemas: Record<string, object>) {
  const headers = { authorization: `Bearer ${token}` };
  return weft.call("PUT", `/api/v1/event-type/${name}`, { body: { description: name, schemas }, headers });
}

function publish(eventType: string, payload: unknown) {
  return call("POST", "/v1/events", { event_type: eventType, payload });
}

const definitions = Object.fromEntries(
  Array.from({ length: 30 }, (_, n) => [
    `d${n}`,
    { anyOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] },
  ]),
);
const doubling = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $ref: "#/$defs/d0",
  $defs: { ...definitions, d30: { type: "string" } },
};

test("a schema with a pattern without a linear form is refused with the name of the feature", async () => {
  const { status, body } = await define("hostile.pattern", { "1": { properties: { a: { pattern: "^(?!x)y$" } } } });
  expect(status).toBe(422);
  expect(JSON.stringify(body)).toContain("look-ahead");
});

test("a pattern with catastrophic backtracking elsewhere takes negligible time", async () => {
  expect((await define("slow.pattern", { "1": { properties: { a: { pattern: "^(a+)+$" } } } })).status).toBe(201);
  const { status, body } = await publish("slow.pattern", { a: `${"a".repeat(60)}!` });
  expect(status).toBe(422);
  expect(JSON.stringify(body)).toContain("pattern");
  expect((await publish("slow.pattern", { a: "aaaa" })).status).toBe(200);
});

test("other publishers get responses while one payload is checked too long, and then its publisher does", async () => {
  expect((await define("slow.schema", { "1": doubling })).status).toBe(201);
  expect((await define("quick.schema", { "1": { type: "object", required: ["n"] } })).status).toBe(201);
  const isOvertaken = async () => {
    let isChecked = false;
    const slow = publish("slow.schema", {}).finally(() => {
      isChecked = true;
    });
    expect((await call("GET", "/health/ready")).status).toBe(200);
    expect((await publish("quick.schema", { n: 1 })).status).toBe(200);
    const wasFirst = !isChecked;
    expect(await slow).toMatchObject({ status: 422, text: expect.stringContaining("slow.schema") });
    return wasFirst;
  };
  // On a busy machine, two responses can take longer than the check may take.
  await expect.poll(isOvertaken).toBe(true);
});

test("sixty thousand mistakes give a short response", async () => {
  expect((await define("many.mistakes", { "1": { properties: { a: { items: { type: "string" } } } } })).status).toBe(
    201,
  );
  const { status, text } = await publish("many.mistakes", { a: Array(60_000).fill(1) });
  expect(status).toBe(422);
  expect(text.length).toBeLessThan(50_000);
});

test("a batch is accepted or refused as a whole, with any types", async () => {
  expect((await define("mixed.type", { "1": { type: "object", required: ["n"] } })).status).toBe(201);
  const events = Array.from({ length: 300 }, (_, n) => ({ event_type: "mixed.type", payload: { n } }));
  expect((await call("POST", "/v1/events", events)).status).toBe(200);
  const { status, body } = await call("POST", "/v1/events", [...events, { event_type: "mixed.type", payload: {} }]);
  expect(status).toBe(422);
  expect(JSON.stringify(body)).toContain("300");
});

test("1,500 schemas of one type are refused immediately", async () => {
  const schemas = Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [String(n), { type: "object" }]));
  expect((await define("many.schemas", schemas)).status).toBe(422);
});

test("globs without a linear form are refused when a source is connected, and others never delay it", async () => {
  await call("POST", "/v1/collections", { name: "Globs", readable_id: "globs" });
  const connect = (include: string[]) =>
    call("POST", "/v1/source-connections", {
      name: "x",
      short_name: "directory",
      readable_collection_id: "globs",
      config: { path: weft.folder, include },
      sync_immediately: false,
    });
  for (const glob of ["!(a|b)", "(a+)+c", "[[:alpha:]]", "{a,b}".repeat(20)]) {
    const { status, body } = await connect([glob]);
    expect(status, glob).toBe(422);
    expect(JSON.stringify(body)).toMatch(/glob/i);
  }
  expect((await connect([`${"*a".repeat(9)}b`])).status).toBeLessThan(300);
});
