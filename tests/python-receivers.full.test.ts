import type { IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../packages/server/src/api/fixtures/running-weft.ts";
import { Receiver } from "../packages/server/src/delivery/fixtures/receiver.ts";
import { askPython, serve, whyNoPython } from "./python-receivers/python.ts";

/** The secret in the guide's program. */
const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const whyNoFunction = whyNoPython();
const whyNoServer = whyNoPython("fastapi", "uvicorn");

interface Delivery {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

let weft: RunningWeft;
let receiver: Receiver;

beforeAll(async () => {
  [weft, receiver] = await Promise.all([RunningWeft.start(), Receiver.start()]);
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

async function subscribe(url: string, more: object = {}): Promise<string> {
  const settings = { url, event_types: ["sync.completed", "sync.failed"], ...more };
  const { status, body } = await weft.post("/webhooks/subscriptions", settings);
  expect(status).toBe(200);
  return body.id;
}

/** Syncs ten generated entities into a collection with this name, or fails at it. */
async function sync(name: string, config: object = {}): Promise<string> {
  const collection = (await weft.post("/collections", { name })).body.readable_id;
  const { status } = await weft.post("/source-connections", {
    short_name: "stub",
    readable_collection_id: collection,
    authentication: { credentials: { stub_key: "any" } },
    config,
  });
  expect(status).toBe(200);
  return collection;
}

async function delivered(to: string, name: string): Promise<Delivery> {
  await sync(name);
  const found = () => receiver.received.find(({ path, body }) => path === to && body.includes(`"${name}"`));
  await expect.poll(found).toBeDefined();
  return found() as Delivery;
}

/** The result of the guide's function for each delivery. */
function verified(deliveries: readonly Delivery[]): unknown {
  return askPython(
    "verify_deliveries.py",
    deliveries.map(({ body, headers }) => [Buffer.from(body).toString("base64"), headers]),
  );
}

async function attemptsOf(id: string): Promise<unknown[]> {
  const { body } = await weft.get(`/webhooks/subscriptions/${id}/attempts`);
  return body.map(({ status, response_status_code: code, attempt_number: attempt }: Record<string, unknown>) => ({
    status,
    code,
    attempt,
  }));
}

test("the verification of the platform's setup guide accepts Weft's deliveries, and no altered ones", async ({
  skip,
}) => {
  skip(whyNoFunction !== null, whyNoFunction ?? "");
  await subscribe(receiver.url("/genuine"), { secret });
  const { body, headers } = await delivered("/genuine", "Käse für Zoë ☂");
  const soon = String(Number(headers["svix-timestamp"]) + 1);
  const lacks = ["svix-id", "svix-timestamp", "svix-signature"].map((name) => ({ ...headers, [name]: "" }));
  const altered: Delivery[] = [
    { body: `${body} `, headers },
    { body: body.replace("Käse", "Kase"), headers },
    { body, headers: { ...headers, "svix-id": `${headers["svix-id"]}0` } },
    { body, headers: { ...headers, "svix-timestamp": soon } },
    { body, headers: { ...headers, "svix-signature": String(headers["svix-signature"]).replace("v1,", "v2,") } },
    ...lacks.map((fewer) => ({ body, headers: fewer })),
  ];
  expect(verified([{ body, headers }, ...altered])).toEqual([true, ...altered.map(() => false)]);
});

test("it accepts deliveries through the overlap of a rotation, and refuses them when its secret has expired", async ({
  skip,
}) => {
  skip(whyNoFunction !== null, whyNoFunction ?? "");
  const path = `/webhooks/subscriptions/${await subscribe(receiver.url("/rotated"), { secret })}/rotate-secret`;
  await weft.post(path, { signature_type: "v1a" });
  const both = await delivered("/rotated", "Two kinds of signatures");
  expect(both.headers["svix-signature"]).toMatch(/^v1a,\S+ v1,\S+$/);
  expect(verified([both])).toEqual([true]);
  await weft.post(path, { signature_type: "v1", overlap: 0 });
  expect(verified([await delivered("/rotated", "Another secret")])).toEqual([false]);
});

test("the receiver of the setup guide prints the syncs in Weft's events, and refuses foreign signatures", async ({
  skip,
}) => {
  skip(whyNoServer !== null, whyNoServer ?? "");
  await using guide = await serve("setup_guide");
  const id = await subscribe(guide.url, { secret });
  await sync("Sales Data");
  await guide.wrote("Sync completed: Sales Data\n  Inserted: 10\n  Updated: 0\n");
  await sync("Support", { fail_after: 3 });
  await guide.wrote("Sync failed: Support\n  Error: Stub source simulated failure after 3 entities (fail_after=3)\n");
  const accepted = { status: "success", code: 200, attempt: 1 };
  await expect.poll(() => attemptsOf(id)).toEqual([accepted, accepted]);

  const stranger = await subscribe(guide.url);
  await sync("From a stranger");
  await expect.poll(() => attemptsOf(stranger)).toContainEqual({ status: "failed", code: 401, attempt: 1 });
});

test("the receiver of the article routes the syncs in Weft's events", async ({ skip }) => {
  skip(whyNoServer !== null, whyNoServer ?? "");
  await using article = await serve("event_driven_article");
  await subscribe(article.url);
  await article.wrote(`completed: ${await sync("Engineering Context")} from stub\n`);
  const failing = await sync("Tickets", { fail_after: 0 });
  await article.wrote(`failed: ${failing} with Stub source simulated failure after 0 entities (fail_after=0)\n`);
});
