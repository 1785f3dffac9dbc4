import type { Svix } from "svix";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { limits } from "../../domain/limits.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, majors, organizationToken, startWeft, tokens } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let token: string;
beforeEach(async () => {
  weft = await startWeft();
  token = await organizationToken();
});
afterEach(() => weft[Symbol.asyncDispose]());

function call(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`) {
  return weft.call(method, `/api/v1${path}`, { body, headers: { authorization } });
}

function importing(body: object, authorization?: string) {
  return call("POST", "/event-type/import/openapi", body, authorization);
}

function post(schema: unknown, more: object = {}) {
  return { post: { requestBody: { content: { "application/json": { schema } } }, ...more } };
}

/** A document as frameworks generate it: the payloads are in its components, and refer to each other. */
const pets = {
  openapi: "3.1.0",
  info: { title: "Pets", version: "1" },
  webhooks: {
    "pet.new": post({ $ref: "#/components/schemas/Pet" }, { description: "A pet came.", "x-svix-group-name": "pets" }),
    "pet.gone": post({ type: "object" }, { summary: "A pet went.", deprecated: true, "x-svix-feature-flag": "beta" }),
    "pet.shared": { $ref: "#/components/pathItems/Shared" },
    "pet.bare": { post: {} },
  },
  components: {
    schemas: {
      Pet: {
        type: "object",
        required: ["name"],
        properties: {
          name: { $ref: "#/components/schemas/Name" },
          parent: { $ref: "#/components/schemas/Pet" },
          colour: { $ref: "#/components/schemas/Looks~1all/properties/colour" },
        },
      },
      Name: { type: "string", minLength: 1 },
      "Looks/all": { type: "object", properties: { colour: { enum: ["red", "green"] } } },
      Unused: { type: "null" },
    },
    requestBodies: { Named: { content: { "application/json": { schema: { $ref: "#/components/schemas/Name" } } } } },
    pathItems: { Shared: { post: { requestBody: { $ref: "#/components/requestBodies/Named" } } } },
  },
};

const petSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $ref: "#/$defs/Pet",
  $defs: {
    Pet: {
      type: "object",
      required: ["name"],
      properties: {
        name: { $ref: "#/$defs/Name" },
        parent: { $ref: "#/$defs/Pet" },
        colour: { $ref: "#/$defs/Looks~1all/properties/colour" },
      },
    },
    Name: { type: "string", minLength: 1 },
    "Looks/all": { type: "object", properties: { colour: { enum: ["red", "green"] } } },
  },
};

describe.each(majors)("the SDK of major %s", (_, client) => {
  let svix: Svix;
  beforeEach(() => {
    svix = client(token, weft.url);
  });

  async function defined() {
    const { data } = await svix.eventType.list({ limit: 250, withContent: true, includeArchived: true });
    return data.filter(({ name }) => name.startsWith("pet."));
  }

  test("defines the webhooks of a document as event types, with the schemas that they reference", async () => {
    const { data } = await svix.eventType.importOpenapi({ spec: pets });
    expect(data.modified.toSorted()).toEqual(["pet.bare", "pet.gone", "pet.new", "pet.shared"]);
    const [bare, gone, made, shared] = await defined();
    expect(bare).toMatchObject({ name: "pet.bare", description: "pet.bare", schemas: null, archived: false });
    expect(gone).toMatchObject({
      description: "A pet went.",
      deprecated: true,
      featureFlags: ["beta"],
      groupName: null,
    });
    expect(made).toMatchObject({ description: "A pet came.", groupName: "pets", schemas: { "1": petSchema } });
    expect(shared?.schemas).toMatchObject({ "1": { $ref: "#/$defs/Name", $defs: { Name: { type: "string" } } } });
  });

  test("a dry run lists the changes, and changes nothing", async () => {
    const dry = await svix.eventType.importOpenapi({ spec: pets, dryRun: true });
    expect(dry.data.modified).toEqual([]);
    expect(dry.data.toModify?.map(({ name }) => name).sort()).toEqual([
      "pet.bare",
      "pet.gone",
      "pet.new",
      "pet.shared",
    ]);
    expect(dry.data.toModify?.find(({ name }) => name === "pet.new")).toMatchObject({
      description: "A pet came.",
      deprecated: false,
      groupName: "pets",
      schemas: { "1": petSchema },
    });
    expect(await defined()).toEqual([]);
  });

  test("changes only differing types, keeps the rest, and restores archived types", async () => {
    await svix.eventType.importOpenapi({ specRaw: JSON.stringify(pets) });
    await svix.eventType.create({ name: "pet.mine", description: "By hand." });
    const before = await defined();
    const again = await svix.eventType.importOpenapi({ spec: pets });
    expect(again.data.modified).toEqual([]);
    await svix.eventType.delete("pet.new");
    expect((await svix.eventType.importOpenapi({ spec: pets })).data.modified).toEqual(["pet.new"]);
    const after = await defined();
    expect(after.map(({ name, archived }) => [name, archived])).toEqual(before.map(({ name }) => [name, false]));
    expect(after.map(({ createdAt }) => createdAt)).toEqual(before.map(({ createdAt }) => createdAt));
  });

  test("archives types that are missing in the document when it replaces all", async () => {
    await svix.eventType.importOpenapi({ spec: pets });
    const { "pet.new": kept } = pets.webhooks;
    const { data } = await svix.eventType.importOpenapi({
      spec: { ...pets, webhooks: { "pet.new": kept } },
      replaceAll: true,
    });
    expect(data.modified.toSorted()).toEqual(["pet.bare", "pet.gone", "pet.shared"]);
    expect((await defined()).map(({ name, archived }) => [name, archived])).toEqual([
      ["pet.bare", true],
      ["pet.gone", true],
      ["pet.new", false],
      ["pet.shared", true],
    ]);
    expect((await svix.eventType.get("sync.completed")).archived).toBe(false);
  });
});

test("events are validated against an imported schema, including its references", async () => {
  await importing({ spec: pets });
  const publish = async (payload: object) =>
    (
      await weft.post(
        "/v1/events",
        { event_type: "pet.new", payload },
        { headers: { authorization: `Bearer ${adminKey}` } },
      )
    ).status;
  expect(await publish({ name: "Rex", parent: { name: "Rax", colour: "red" } })).toBe(200);
  for (const wrong of [{}, { name: "" }, { name: "Rex", parent: {} }, { name: "Rex", colour: "blue" }]) {
    expect(await publish(wrong), JSON.stringify(wrong)).toBe(422);
  }
});

test("a document of version 3.0 has its webhooks under x-webhooks, and its schemas count as draft 7", async () => {
  const schema = { type: "object", properties: { name: { type: "string", nullable: true } } };
  const spec = { openapi: "3.0.3", "x-webhooks": { "pet.old": post(schema) } };
  expect((await importing({ spec })).body).toEqual({ data: { modified: ["pet.old"] } });
  expect((await call("GET", "/event-type/pet.old")).body.schemas).toEqual({ "1": schema });
});

test("mistakes in a document are reported with their locations, all at once, and nothing is stored", async () => {
  const webhooks = {
    "pet.good": post({ type: "object" }),
    "with space": post({ type: "object" }),
    "pet.elsewhere": post({ $ref: "https://example.com/pet.json" }),
    "pet.missing": post({ properties: { a: { $ref: "#/components/schemas/Nothing" } } }),
    "pet.inside": post({ $ref: "#/webhooks/pet.good/post" }),
    "pet.list": post([]),
    "pet.invalid": post({ type: "nothing" }),
    "pet.circle": { $ref: "#/components/pathItems/Circle" },
    "pet.get": { get: {} },
    "pet.long": post({ type: "object" }, { description: "x".repeat(1_025) }),
    "pet.group": post({ type: "object" }, { "x-svix-group-name": "a b" }),
    "pet.flags": post({ type: "object" }, { "x-svix-feature-flags": ["a", "b"] }),
  };
  const components = { pathItems: { Circle: { $ref: "#/components/pathItems/Circle" } } };
  const response = await importing({ spec: { openapi: "3.1.0", webhooks, components } });
  expect(response.status).toBe(422);
  const { detail } = response.body as { detail: { loc: string[]; type: string }[] };
  expect(detail.map(({ loc }) => loc.slice(0, 4))).toEqual(
    Object.keys(webhooks)
      .filter((name) => name !== "pet.good")
      .map((name) => ["body", "spec", "webhooks", name]),
  );
  expect(detail[1]?.loc).toEqual([
    "body",
    "spec",
    "webhooks",
    "pet.elsewhere",
    "post",
    "requestBody",
    "content",
    "application/json",
    "schema",
  ]);
  expect((await call("GET", "/event-type/pet.good")).status).toBe(404);
});

test("a document is accepted as an object or as JSON text, and YAML is refused with a sentence", async () => {
  for (const body of [{}, { spec: null, specRaw: null }, { spec: pets, specRaw: "{}" }]) {
    expect(await importing(body), JSON.stringify(body)).toMatchObject({ status: 400, body: { code: "generic_error" } });
  }
  for (const specRaw of ["openapi: 3.1.0\nwebhooks: {}\n", "", "[]", "{"]) {
    expect(await importing({ specRaw }), specRaw).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ["body", "specRaw"], msg: expect.stringContaining("YAML"), type: "value_error" }] },
    });
  }
  expect((await importing({ spec: "text" })).status).toBe(422);
  expect((await importing({ spec: pets, dryRun: "yes" })).status).toBe(422);
});

test("a document cannot change the built-in types", async () => {
  const spec = { openapi: "3.1.0", webhooks: { "sync.completed": post({}), "pet.new": post({}) } };
  expect(await importing({ spec })).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect((await call("GET", "/event-type/pet.new")).status).toBe(404);
});

test("schemas that share very much are refused before they fill the database", async () => {
  const names = Array.from({ length: 200 }, (_, n) => `pet.${n}`);
  const webhooks = Object.fromEntries(names.map((name) => [name, post({ $ref: "#/components/schemas/Large" })]));
  const components = { schemas: { Large: { type: "object", description: "x".repeat(100_000) } } };
  const response = await importing({ spec: { openapi: "3.1.0", webhooks, components } });
  expect(response).toMatchObject({ status: 422, body: { detail: [{ msg: expect.stringContaining("16 MiB") }] } });
  expect((await call("GET", "/event-type/pet.0")).status).toBe(404);
});

test("an oversized schema is refused, and the work for many of them ends early", async () => {
  const names = Array.from({ length: 1_000 }, (_, n) => `pet.${n}`);
  const webhooks = Object.fromEntries(names.map((name) => [name, post({ $ref: "#/components/schemas/Large" })]));
  for (const Large of [
    { type: "object", description: "x".repeat(limits.schemaBytesMax) },
    { enum: Array.from({ length: limits.schemaValuesMax + 1 }, (_, n) => ({ n })) },
  ]) {
    const { status, body } = await importing({
      spec: { openapi: "3.1.0", webhooks, components: { schemas: { Large } } },
    });
    expect(status).toBe(422);
    expect(body.detail).toHaveLength(limits.payloadMistakesMax);
    expect(body.detail[0].msg).toContain("A schema has at most");
  }
});

test("only the operator can import", async () => {
  const { body } = await call("POST", "/app", { name: "Acme" });
  const access = (await call("POST", `/auth/app-portal-access/${body.id}`)).body.token;
  expect((await importing({ spec: pets }, `Bearer ${access}`)).status).toBe(403);
  const forged = await tokens("another secret that signs tokens").organizationToken(Date.now() + 60_000);
  expect((await importing({ spec: pets }, `Bearer ${forged}`)).status).toBe(401);
});
