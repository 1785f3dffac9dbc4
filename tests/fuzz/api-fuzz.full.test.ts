import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { adminKey, startWeft } from "../../packages/server/src/api/svix/fixtures/svix-clients.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";
import {
  type Document,
  type FuzzRequest,
  type KnownIds,
  type Operation,
  operationsOf,
  requestsFor,
} from "./api-requests.ts";
import { SchemaValues } from "./json-schemas.ts";

/**
 * The number of requests for each operation of each document, and the seed: FUZZ_RUNS=500 FUZZ_SEED=7 tries others, and
 * more.
 */
const runs = Number(process.env.FUZZ_RUNS ?? 12);
const seed = Number(process.env.FUZZ_SEED ?? 1);
/** Far longer than any request takes: a request without a response by then never gets one. */
const hangMs = 20_000;

const apis = [
  { name: "Weft's own API", document: "/openapi.json", prefix: "/v1" },
  { name: "the API for Svix' SDKs", document: "/api/v1/openapi.json", prefix: "" },
];

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const settings = {
  SQLite: async () => ({}),
  PostgreSQL: async () => ({
    WEFT_DATABASE_URL: await databases.fresh(),
    WEFT_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  }),
};

interface Response {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

/** Sends a request unchanged. It reads only the beginning of a stream. */
async function send(agent: Agent, url: string, { method, path, headers, body }: FuzzRequest): Promise<Response> {
  const { hostname, port } = new URL(url);
  const call = request({ hostname, port, method, path, headers, agent, signal: AbortSignal.timeout(hangMs) });
  call.end(body ?? undefined);
  const [response] = (await once(call, "response")) as [IncomingMessage];
  const mediaType = (response.headers["content-type"] ?? "").split(";")[0] ?? "";
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += chunk;
    if (mediaType === "text/event-stream") break;
  }
  return { status: response.statusCode ?? 0, mediaType, text };
}

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  const folder = mkdtempSync(join(tmpdir(), "weft-fuzz-"));
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let weft: RunningWeft;
  let receiver: Receiver;
  let ids: KnownIds;
  beforeAll(async () => {
    receiver = await Receiver.start();
    weft = await startWeft({
      ...(await settings[database]()),
      WEFT_TEST_SOURCES: "true",
      WEFT_DIRECTORY_ROOTS: folder,
    });
    ids = await someOfEach(weft, receiver.url());
  });
  afterAll(async () => {
    agent.destroy();
    await weft[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test.each(apis)(
    "every operation of $name responds as its document says, and never with an internal error",
    async ({ document: address, prefix }) => {
      const document = (await (await fetch(weft.url + address)).json()) as Document;
      const values = new SchemaValues(document.components.schemas, textsFor(receiver.url(), ids));
      const operations = operationsOf(document);
      expect(operations.length).toBeGreaterThan(50);
      for (const operation of operations) {
        const validates = validatorFor(operation, document);
        await fc.assert(
          fc.asyncProperty(requestsFor(operation, values, { ids, prefix, key: adminKey }), async (fuzzed) => {
            check(await send(agent, weft.url, fuzzed), validates);
          }),
          { numRuns: runs, seed, endOnFailure: true },
        );
      }
      expect((await weft.get("/health")).status).toBe(200);
    },
    60_000 + runs * 5_000,
  );
});

/** Texts for fields whose random values would seldom be valid, or must name this machine alone. */
function textsFor(url: string, ids: KnownIds): [RegExp, readonly string[]][] {
  const recent = [-600_000, -60_000, 0, 60_000].map((ms) => new Date(Date.now() + ms).toISOString());
  return [
    [/^(url|redirect_u\w+)$/, [url, url, url, "http://127.0.0.1:1/", "mailto:a@example.com", "ftp://a", "a"]],
    [/^short_name$/, ["stub", "stub", "timed", "oauth-stub", "directory", "none"]],
    [/^readable_collection_id$/, ids.readable_id ?? []],
    [/^(event_type|eventType|eventTypes|event_types|filterTypes)$/, ["sync.completed", "a.b", "*"]],
    [/^(since|until|after|before|deliverAt|updated_since|updated_until)$/, recent],
    [/^(secret|key)$/, ["whsec_bm90IGEgc2VjcmV0IHRvIGFueWJvZHkgYXQgYWxs", "whsec_a"]],
    [/^api_key$/, [adminKey]],
    [/^stub_key$/, ["key"]],
  ];
}

/** The violation in a JSON response with a status; null when it matches the document. */
type Validate = (status: number, body: unknown) => string | null;

function check({ status, mediaType, text }: Response, validate: Validate): void {
  // 501 is the documented response of operations that need a language model.
  expect(status === 501 || status === 503 || status < 500, `${status}: ${text.slice(0, 500)}`).toBe(true);
  if (status >= 400) expect(mediaType).toMatch(/json$/);
  if (!mediaType.endsWith("json")) return;
  const wrong = validate(status, JSON.parse(text));
  expect(wrong, `${status}: ${text.slice(0, 1_000)}`).toBeNull();
}

function validatorFor({ responses }: Operation, { components }: Document): Validate {
  const ajv = new Ajv({ strict: false, validateFormats: false, ownProperties: true });
  const compiled = new Map<string, ValidateFunction>();
  for (const [status, { content = {} }] of Object.entries(responses)) {
    const schema = Object.entries(content).find(([mediaType]) => mediaType.endsWith("json"))?.[1].schema;
    if (schema !== undefined) compiled.set(status, ajv.compile({ ...schema, components }));
  }
  return (status, body) => {
    const validate = compiled.get(status < 400 ? (responses["200"] === undefined ? "2XX" : "200") : "default");
    if (validate === undefined || validate(body)) return null;
    return JSON.stringify(validate.errors?.slice(0, 3));
  };
}

/** Creates one or two of each kind of object that paths name. */
async function someOfEach(weft: RunningWeft, url: string): Promise<KnownIds> {
  const headers = { "x-api-key": adminKey };
  const make = async (path: string, body: unknown) => (await weft.post(path, body, { headers })).body;
  await make("/api/v1/event-type", {
    name: "a.b",
    description: "",
    schemas: { "1": { type: "object", examples: [{}] } },
  });
  const app = await make("/api/v1/app", { name: "Acme", uid: "acme" });
  const endpoint = await make("/api/v1/app/acme/endpoint", { url, uid: "mine" });
  const sent = await make("/api/v1/app/acme/msg", { eventType: "a.b", eventId: "event", payload: { a: 1 } });
  const attempts = `/api/v1/app/acme/attempt/msg/${sent.id}`;
  const made = await until("an attempt was made", async () => (await weft.get(attempts, { headers })).body.data[0]);
  const operational = await make("/api/v1/operational-webhook/endpoint", { url });
  const task = await make("/api/v1/app/acme/msg/expunge-all-contents", {});
  const subscription = await make("/v1/webhooks/subscriptions", { url, event_types: ["*"] });
  const tested = await make("/v1/webhooks/subscriptions", { url, event_types: ["sync.failed"] });
  const listener = await make("/v1/webhooks/listeners", { name: "laptop" });
  const message = await make("/v1/events", { event_type: "a.b", payload: { a: 1 } });
  const attempt = await make(`/v1/webhooks/subscriptions/${subscription.id}/test`, { event_type: "sync.completed" });
  const since = new Date(Date.now() - 60_000).toISOString();
  const recovery = await make(`/v1/webhooks/subscriptions/${subscription.id}/recover`, { since });
  const collection = await make("/v1/collections", { name: "Acme", readable_id: "acme" });
  const connection = await make("/v1/source-connections", {
    ...{ short_name: "stub", readable_collection_id: "acme" },
    authentication: { credentials: { stub_key: "key" } },
  });
  const { id: job } = await make(`/v1/source-connections/${connection.id}/run`, {});
  const apiKey = await make("/v1/api-keys", { name: "Another" });
  const { body: organizations } = await weft.get("/v1/organizations", { headers });
  const named = (...texts: unknown[]) => texts.filter((text) => typeof text === "string");
  return {
    app_id: named(app.id, "acme"),
    endpoint_id: named(endpoint.id, "mine"),
    msg_id: named(sent.id, "event"),
    attempt_id: named(attempt.id, made.id),
    task_id: named(task.id),
    event_type_name: ["a.b", "sync.completed"],
    subscription_id: named(subscription.id, listener.id),
    message_id: named(message.id),
    recovery_id: named(recovery.id),
    readable_id: named(collection.readable_id),
    source_connection_id: named(connection.id),
    job_id: named(job),
    short_name: ["stub", "directory", "web"],
    organization_id: named(...organizations.map(({ id }: { id: string }) => id)),
    key_id: named(apiKey.id),
    ...Object.fromEntries(
      [
        "get",
        "update",
        "patch",
        "delete",
        "get-secret",
        "rotate-secret",
        "get-headers",
        "update-headers",
        "patch-headers",
      ].map((name) => [`v1.operational-webhook.endpoint.${name} endpoint_id`, named(operational.id)]),
    ),
    // It waits for the attempt, which other settings of a subscription can delay.
    "sendTestEvent subscription_id": named(tested.id),
  };
}
