import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../domain/limits.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, startWeft } from "../svix/fixtures/svix-clients.ts";

let weft: RunningWeft;
let open: RunningWeft;

beforeAll(async () => {
  [weft, open] = await Promise.all([startWeft({}), startWeft({ WEFT_PUBLIC_EVENT_TYPES: "true" })]);
});

afterAll(async () => {
  await Promise.all([weft[Symbol.asyncDispose](), open[Symbol.asyncDispose]()]);
});

const admin = { headers: { "x-api-key": adminKey } };
const path = "/v1/webhooks/event-types/openapi.json";
const publicPath = "/v1/events.openapi.json";

async function define(running: RunningWeft, name: string, more: object): Promise<void> {
  const { status } = await running.post("/v1/webhooks/event-types", { name, ...more }, admin);
  expect(status).toBe(200);
}

test("every event type is a webhook whose schema accepts its example", async () => {
  const schema = {
    type: "object",
    properties: { customer: { $ref: "#/definitions/customer" } },
    required: ["customer"],
    definitions: { customer: { type: "object", properties: { id: { type: "integer" } }, required: ["id"] } },
    examples: [{ customer: { id: 42 } }],
  };
  await define(weft, "invoice.paid", { description: "An invoice was paid.", schemas: { "1": schema } });
  const { status, body } = await weft.get(path, admin);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    openapi: "3.1.0",
    webhooks: {
      "invoice.paid": {
        post: {
          operationId: "invoice.paid",
          description: "An invoice was paid.",
          requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/invoice.paid" } } } },
        },
      },
      "sync.completed": expect.anything(),
    },
  });
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(body, "document");
  for (const [name, { examples }] of Object.entries<{ examples: object[] }>(body.components.schemas)) {
    const validate = ajv.getSchema(`document#/components/schemas/${name}`);
    for (const example of examples) expect([name, validate?.(example)]).toEqual([name, true]);
    expect([name, validate?.({ customer: { id: "x" } })]).toEqual([name, false]);
  }
  const referenced = JSON.stringify(body).matchAll(/"\$ref":"#\/components\/(\w+)\/([\w.-]+)/g);
  for (const [, kind = "", name = ""] of referenced) expect(body.components[kind]).toHaveProperty([name]);
});

test("event types are selected by name and pattern, and archived ones are left out", async () => {
  await define(weft, "invoice.void", { archived: true });
  const names = async (query: string) => Object.keys((await weft.get(`${path}?${query}`, admin)).body.webhooks);
  expect(await names("event_types=invoice.*&event_types=sync.failed")).toEqual(["sync.failed", "invoice.paid"]);
  expect(await names("event_types=nothing")).toEqual([]);
});

test("a changed event type changes the document", async () => {
  await weft.patch("/v1/webhooks/event-types/invoice.paid", { description: "It was paid." }, admin);
  const { body } = await weft.get(`${path}?event_types=invoice.paid`, admin);
  expect(body.webhooks["invoice.paid"].post.description).toBe("It was paid.");
});

test("without a key the document exists only if the operator publishes it, and has no type with a feature flag", async () => {
  expect((await weft.get(path)).status).toBe(401);
  expect((await weft.get(publicPath)).status).toBe(404);
  await define(open, "beta.started", { feature_flag: "beta" });
  await define(open, "order.sent", {});
  const { status, body } = await open.get(publicPath);
  expect(status).toBe(200);
  expect(Object.keys(body.webhooks)).toContain("order.sent");
  expect(Object.keys(body.webhooks)).not.toContain("beta.started");
  expect((await open.get(path)).status).toBe(401);
});

test("schemas that are too large for one document are refused, and can be selected in parts", async () => {
  const examples = Array.from({ length: 100 }, () => ({ text: "x".repeat(1_000) }));
  const schemas = { "1": { type: "object", examples } };
  const count = Math.ceil(limits.catalogueDocumentLengthMax / 100_000);
  for (let n = 0; n < count; n += 1) await define(open, `large.n${n}`, { schemas });
  const refused = await open.get(publicPath);
  expect([refused.status, refused.body.detail]).toEqual([413, expect.stringContaining("Select fewer")]);
  expect((await open.get(`${publicPath}?event_types=large.n0`)).status).toBe(200);
});
