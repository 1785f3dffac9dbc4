import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { RunningWeft } from "../api/fixtures/running-weft.ts";
import { jsonLines, runWeft, temporaryFolder } from "./fixtures/weft-process.ts";

let weft: RunningWeft;
let folder: ReturnType<typeof temporaryFolder>;
let number = 0;
/** A uid that no other test uses. */
let acme = "";
beforeAll(async () => {
  weft = await RunningWeft.start({
    WEFT_VERIFY_ENDPOINTS: "false",
    WEFT_SMTP_URL: "smtp://127.0.0.1:1",
    WEFT_SMTP_FROM: "a@b.c",
  });
  folder = temporaryFolder();
});
afterAll(async () => {
  folder[Symbol.dispose]();
  await weft[Symbol.asyncDispose]();
});
beforeEach(() => {
  number += 1;
  acme = `acme-${number}`;
});

function apply(configuration: object | string, ...flags: string[]) {
  const path = join(folder.path, "weft.yaml");
  writeFileSync(path, typeof configuration === "string" ? configuration : JSON.stringify(configuration));
  return runWeft(["apply", "-f", path, "--url", weft.url, ...flags], secrets);
}

const secrets = { CRM_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", CRM_TOKEN: "hush-hush", STUB_KEY: "sk-secret" };

/** A configuration with one object of each kind. */
function example(changes: object = {}) {
  return {
    name: `test-${number}`,
    event_types: {
      [`invoice.paid-${number}`]: { description: "An invoice was paid.", schemas: { "1": { type: "object" } } },
    },
    organizations: {
      [acme]: {
        name: "Acme",
        metadata: { tier: "gold" },
        subscriptions: {
          crm: {
            url: "https://crm.example.com/hooks",
            event_types: ["sync.*", `invoice.paid-${number}`],
            headers: { authorization: { env: "CRM_TOKEN" }, "x-plain": "1" },
            secret: { env: "CRM_SECRET" },
            filters: { status: "paid" },
            retry_schedule: [5, 60],
          },
          ops: { url: "mailto:ops@example.com", destination: "email", event_types: ["sync.failed"], disabled: true },
        },
        source_connections: {
          docs: { source: "stub", collection: "docs", credentials: { stub_key: { env: "STUB_KEY" } } },
        },
        ...changes,
      },
    },
  };
}

async function organizationId(): Promise<string> {
  const { body } = await weft.get("/v1/organizations?limit=250");
  return body.find(({ uid }: { uid: string }) => uid === acme)?.id;
}

async function list(path: string): Promise<Record<string, never>[]> {
  return (await weft.get(`/v1${path}`, { headers: { "x-organization-id": await organizationId() } })).body;
}

const unchanged = "0 created, 0 changed, 0 deleted, 5 unchanged.\n";

test("everything in a configuration is created, and a second run changes nothing", async () => {
  const first = await apply(example());
  expect([first.stderr, first.exitCode]).toEqual(["", 0]);
  expect(first.stdout.split("\n")).toEqual([
    `+ event type invoice.paid-${number}`,
    `+ organization ${acme}`,
    `+ subscription crm of ${acme}`,
    `+ subscription ops of ${acme}`,
    `+ source connection docs of ${acme}`,
    "5 created, 0 changed, 0 deleted, 0 unchanged.",
    "",
  ]);
  const [ops, crm] = await list("/webhooks/subscriptions");
  expect(crm).toMatchObject({ uid: "crm", headers: { authorization: "***", "x-plain": "1" }, retry_schedule: [5, 60] });
  expect(ops).toMatchObject({ uid: "ops", destination: "email", disabled: true });
  expect(await list("/source-connections")).toMatchObject([{ name: "docs", readable_collection_id: "docs" }]);
  expect((await apply(example())).stdout).toBe(unchanged);
});

test("a dry run lists the same changes and makes none", async () => {
  const dry = await apply(example(), "--dry-run");
  expect(dry.stdout).toMatch(/5 to create, 0 to change, 0 to delete, 0 unchanged\.\n$/);
  expect(await organizationId()).toBeUndefined();
});

test("fields that differ are changed, and the difference is readable and has no secret", async () => {
  await apply(example());
  const changed = example({ name: "Acme Ltd" });
  const { crm } = changed.organizations[acme]?.subscriptions ?? {};
  Object.assign(crm ?? {}, { url: "https://crm.example.com/v2", headers: { authorization: { env: "CRM_TOKEN" } } });
  const { stdout, exitCode } = await apply(changed, "--dry-run");
  expect(exitCode).toBe(0);
  expect(stdout.split("\n")).toEqual([
    `~ organization ${acme}`,
    '    name: "Acme" -> "Acme Ltd"',
    `~ subscription crm of ${acme}`,
    '    url: "https://crm.example.com/hooks" -> "https://crm.example.com/v2"',
    "    headers: not shown",
    "0 to create, 2 to change, 0 to delete, 3 unchanged.",
    "",
  ]);
  expect(stdout).not.toContain("hush");
  await apply(changed);
  expect((await apply(changed)).stdout).toBe(unchanged);
});

test("secrets of existing objects are sent again only on request", async () => {
  await apply(example());
  const { stdout } = await apply(example(), "--update-secrets", "--json");
  const changes = jsonLines(stdout);
  expect(changes).toMatchObject([
    { action: "change", name: "crm", fields: [{ field: "headers" }] },
    { action: "change", name: "docs", fields: [{ field: "credentials" }] },
  ]);
  expect(stdout).not.toMatch(/hush|sk-secret/);
});

test("pruning deletes only objects that the configuration created", async () => {
  await apply(example());
  const headers = { "x-organization-id": await organizationId() };
  const byHand = { url: "https://hand.example.com", event_types: ["sync.*"], uid: "by-hand" };
  await weft.post("/v1/webhooks/subscriptions", byHand, { headers });
  const { crm } = example().organizations[acme]?.subscriptions ?? {};
  const smaller = { ...example({ subscriptions: { crm } }), event_types: {} };
  const kept = await apply(smaller, "--dry-run");
  expect(kept.stdout).toMatch(/0 to delete/);
  const pruned = await apply(smaller, "--prune");
  expect(pruned.stdout).toContain(`- subscription ops of ${acme}\n- event type invoice.paid-${number}\n`);
  const uids = (await list("/webhooks/subscriptions")).map(({ uid }) => uid);
  expect(uids).toEqual(["by-hand", "crm"]);
});

test("an object that was created by hand is changed, and never pruned", async () => {
  const { body } = await weft.post("/v1/organizations", { name: "By hand", uid: acme });
  const adopted = { name: `test-${number}`, organizations: { [acme]: { name: "Adopted" } } };
  expect((await apply(adopted)).stdout).toContain('name: "By hand" -> "Adopted"');
  const empty = await apply({ name: `test-${number}` }, "--prune");
  expect(empty.stdout).toBe("0 created, 0 changed, 0 deleted, 0 unchanged.\n");
  expect((await weft.get(`/v1/organizations/${body.id}`)).body.name).toBe("Adopted");
});

test("an object of another configuration is an error that names it, and nothing changes", async () => {
  await apply(example());
  const { stderr, exitCode } = await apply({ ...example({ name: "Stolen" }), name: "other" });
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`belongs to the configuration "test-${number}"`)]);
});

describe("a configuration is refused with its mistakes if", () => {
  test.each([
    ["a field does not exist", "name: a\norganisations: {}\n", /Unrecognized key: "organisations"/],
    ["it is not YAML", "name: [a\n", /is not valid YAML/],
    [
      "a number would be rounded",
      "name: a\nevent_types: {b.c: {schemas: {'1': {maximum: 9007199254740993}}}}\n",
      /9007199254740993/,
    ],
    [
      "an alias repeats too much",
      `a: &a [x,x]\nb: &b [${"*a,".repeat(50)}]\nc: &c [${"*b,".repeat(50)}]\nname: [${"*c,".repeat(50)}]\n`,
      /is not valid YAML|mistakes/,
    ],
    [
      "a variable is not set",
      "name: a\norganizations: {b: {subscriptions: {c: {url: {env: NOT_SET}, event_types: ['*']}}}}\n",
      /NOT_SET is not set/,
    ],
  ])("%s", async (_, text, expected) => {
    const { exitCode, stderr } = await apply(text);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(expected)]);
  });
});

test("a refusal of the API names the object, and a later run continues", async () => {
  const broken = example();
  Object.assign(broken.organizations[acme]?.subscriptions.crm ?? {}, { url: "not a url" });
  const { exitCode, stderr } = await apply(broken);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^The API refused to create the subscription crm of acme-\d+: .* 2 changes before it were made/,
  );
  expect((await apply(example())).stdout).toMatch(/3 created, 0 changed, 0 deleted, 2 unchanged/);
});

test("an exported configuration describes the Weft as it is, without secrets, and matches the schema for editors", async () => {
  await apply(example());
  await weft.post("/v1/webhooks/subscriptions", { url: "https://first.example.com", event_types: ["sync.*"] });
  const { stdout, exitCode } = await runWeft(["export", "--url", weft.url, "--name", `test-${number}`]);
  expect(exitCode).toBe(0);
  expect(stdout).not.toMatch(/hush|sk-secret|whsec_/);
  const exported = parse(stdout);
  expect(exported.organizations[acme].subscriptions.crm.headers).toEqual({
    authorization: { env: "CRM_AUTHORIZATION" },
    "x-plain": "1",
  });
  const schema = JSON.parse(readFileSync(new URL("../../../../site/public/weft.schema.json", import.meta.url), "utf8"));
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  expect(validate(exported), JSON.stringify(validate.errors)).toBe(true);
  const only = { ...exported, organizations: { [acme]: exported.organizations[acme] } };
  writeFileSync(join(folder.path, "weft.yaml"), JSON.stringify(only));
  const variables = { ...secrets, CRM_AUTHORIZATION: secrets.CRM_TOKEN };
  const again = await runWeft(
    ["apply", "-f", join(folder.path, "weft.yaml"), "--url", weft.url, "--dry-run"],
    variables,
  );
  expect(again.stderr).toBe("");
  expect(again.stdout).toMatch(/^0 to create, 0 to change, 0 to delete/);
});
