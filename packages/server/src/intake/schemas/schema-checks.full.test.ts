import { afterAll, expect, test } from "vitest";
import type { OrganizationId } from "../../domain/id.ts";
import { openSandboxes } from "../../open-sandboxes.ts";
import { SchemaChecks, storedSchema } from "./schema-checks.ts";

const sandboxes = openSandboxes();
afterAll(() => sandboxes[Symbol.asyncDispose]());
const checks = new SchemaChecks(sandboxes.checks);
const tenant = "01973d2a-7c00-7a11-8d52-6f0b3c9e4a10" as OrganizationId;
const neighbour = "01973d2a-7c00-7a11-8d52-6f0b3c9e4a11" as OrganizationId;

function mistakesIn(schema: object, payload: unknown, organizationId = tenant) {
  return checks.mistakesIn({
    eventType: "a.b",
    schema: storedSchema(JSON.stringify(schema)),
    payloadText: JSON.stringify(payload),
    organizationId,
    loc: ["body", "payload"],
  });
}

/** Definitions that refer twice to the next one, `levels` deep. */
function doubling(levels: number, refer: (next: string) => object): object {
  const definitions = Object.fromEntries(
    Array.from({ length: levels }, (_, level) => [`d${level}`, refer(`#/definitions/d${level + 1}`)]),
  );
  return { $ref: "#/definitions/d0", definitions: { ...definitions, [`d${levels}`]: { type: "string" } } };
}

const twice = doubling(30, (next) => ({ anyOf: [{ $ref: next }, { $ref: next }] }));
const twiceInside = doubling(30, (next) => ({ properties: { a: { $ref: next }, b: { $ref: next } } }));

test.each([["definitions that double", twice, {}]])(
  "%s: the check ends, the mistake names the event type, and other payloads are checked meanwhile",
  async (_, schema, payload) => {
    let isEnded = false;
    const slow = mistakesIn(schema, payload).then((mistakes) => {
      isEnded = true;
      return mistakes;
    });
    expect(await mistakesIn({ type: "object" }, {}, neighbour)).toEqual([]);
    expect(isEnded).toBe(false);
    expect(await slow).toEqual([
      {
        loc: ["body", "payload"],
        msg: expect.stringMatching(
          /^The payload could not be checked against the schema of "a\.b": The check (took longer|needed too much)/,
        ),
        type: expect.stringMatching(/^schema_too_(slow|large)$/),
      },
    ]);
  },
);

test("a list of 20,000 objects that must be unique is examined once", async () => {
  const schema = { properties: { a: { uniqueItems: true } } };
  const items = Array.from({ length: 20_000 }, (_, n) => ({ n }));
  expect(await mistakesIn(schema, { a: items })).toEqual([]);
  expect(await mistakesIn(schema, { a: [...items, { n: 7 }] })).toEqual([
    {
      loc: ["body", "payload", "a"],
      msg: "Must NOT have duplicate items (items ## 7 and 20000 are identical).",
      type: "schema_uniqueItems",
    },
  ]);
});

test.each([
  ["definitions that double", twice],
  ["definitions that double inside", twiceInside],
  [
    "3,000 fields",
    { properties: Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`p${n}`, { type: "string" }])) },
  ],
])("%s are compiled in bounded time and memory, or refused", async (_, schema) => {
  const mistake = await checks.schemaMistake(JSON.stringify(schema), "operators");
  if (mistake !== null) expect(mistake).toMatch(/Simplify it/);
  expect(await mistakesIn({ type: "object" }, {}, neighbour)).toEqual([]);
});
