// Clients of Svix in other languages over real deliveries: their SDKs manage and publish, and their libraries and those of Standard
// Webhooks receive. The JavaScript SDKs are tested in packages/server/src/api/svix.

import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as Webhook1 } from "svix";
import { Webhook as Webhook2 } from "svix-2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningWeft } from "../packages/server/src/api/fixtures/running-weft.ts";
import { organizationToken, startWeft } from "../packages/server/src/api/svix/fixtures/svix-clients.ts";
import { Receiver } from "../packages/server/src/delivery/fixtures/receiver.ts";
import { python, whyNoPython } from "./python-receivers/python.ts";
import { runProgram } from "./svix-clients/run-program.ts";
import { RustClient, whyNoRust } from "./svix-clients/rust-client.ts";

let weft: RunningWeft;
let receiver: Receiver;
let token: string;

beforeAll(async () => {
  [weft, receiver] = await Promise.all([startWeft(), Receiver.start()]);
  token = await organizationToken();
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

/** A program that takes a step as JSON and returns its results. */
type Client = (step: object) => Promise<unknown>;

/** The results of the step that publishes. */
interface Published {
  readonly app: string;
  readonly endpoint: string;
  readonly secret: string;
  readonly messages: readonly string[];
}

interface Delivery {
  readonly id: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** Waits until messages have arrived, and returns them in their order. */
async function delivered(messages: readonly string[]): Promise<readonly Delivery[]> {
  const found = () => messages.map((id) => receiver.received.find((delivery) => delivery.id === id));
  await expect.poll(() => found().filter((delivery) => delivery === undefined)).toEqual([]);
  return found() as Delivery[];
}

async function manages(client: Client, language: string): Promise<void> {
  const given = { server: weft.url, token };
  const eventType = `${language}.test`;
  const step = {
    ...given,
    step: "publish",
    uid: language,
    event_type: eventType,
    receiver: receiver.url(`/${language}`),
  };
  const published = (await client(step)) as Published;
  expect(published).toEqual({
    app: expect.stringMatching(/^app_/),
    isSame: true,
    metadata: { language },
    endpoint: expect.stringMatching(/^ep_/),
    description: "Changed",
    eventTypes: [eventType],
    secret: expect.stringMatching(/^whsec_/),
    messages: expect.arrayContaining([expect.stringMatching(/^msg_/)]),
    refused: [409, "conflict"],
  });
  const { app, endpoint, messages, secret } = published;
  const deliveries = await delivered(messages);
  expect(deliveries.map(({ body }) => JSON.parse(body))).toEqual([0, 1, 2, 3, 4].map((n) => ({ n })));
  const headers = { authorization: `Bearer ${token}` };
  const attempts = async () =>
    (await weft.get(`/api/v1/app/${app}/attempt/endpoint/${endpoint}`, { headers })).body.data;
  await expect.poll(async () => (await attempts()).length).toBe(5);
  expect(await client({ ...given, step: "read", app, endpoint })).toEqual({
    messages: messages.toReversed(),
    later: [...messages].sort(),
    attempts: expect.arrayContaining(messages.map((id) => [id, 0, 204])),
    isSame: true,
    stats: [5, 0],
    attemptStats: [5, 0, 0],
    applications: expect.arrayContaining([app]),
    endpoints: [endpoint],
    task: "endpoint.recover",
    example: "svix.ping",
  });
  // Resent after the first delivery, and signed with both secrets.
  await expect.poll(() => receiver.received.filter(({ id }) => id === messages[0]).length).toBe(2);
  const verify = { ...given, step: "verify", secret };
  const sent = deliveries.map(({ body, headers }) => ({
    body: Buffer.from(body).toString("base64"),
    headers: texts(headers),
  }));
  expect(await client({ ...verify, deliveries: sent })).toEqual(deliveries.map(() => [true, false, true, false]));
}

/** The headers of a delivery as one text each. */
function texts(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

test("the SDK for Python manages endpoints, publishes and verifies, as does Standard Webhooks for Python", async ({
  skip,
}) => {
  const why = whyNoPython("svix.api", "standardwebhooks");
  skip(why !== null, why ?? "");
  const program = join(import.meta.dirname, "svix-clients/svix_client.py");
  await manages((step) => runProgram(python, [program], step), "python");
});

describe("Rust", () => {
  test("the SDK for Rust manages endpoints, publishes and verifies, as does Standard Webhooks for Rust", {
    timeout: 900_000,
  }, async ({ skip }) => {
    const why = whyNoRust();
    skip(why !== null, why ?? "");
    using client = await RustClient.build();
    await manages((step) => client.run(step), "rust");
  });
});

test("the libraries of Svix and of Standard Webhooks for JavaScript verify deliveries, while and after a secret is rotated", async () => {
  const headers = { authorization: `Bearer ${token}` };
  const { id: app } = (await weft.post("/api/v1/app", { name: "JavaScript" }, { headers })).body;
  const path = `/api/v1/app/${app}/endpoint`;
  const { id: endpoint } = (await weft.post(path, { url: receiver.url("/javascript") }, { headers })).body;
  const secretNow = async () => (await weft.get(`${path}/${endpoint}/secret`, { headers })).body.key as string;
  const publish = async () => {
    const message = { eventType: "a.b", payload: { text: "Ü€😀" } };
    const { id } = (await weft.post(`/api/v1/app/${app}/msg`, message, { headers })).body;
    const [delivery] = await delivered([id]);
    return delivery as Delivery;
  };
  const first = await secretNow();
  const before = await publish();
  await weft.post(`${path}/${endpoint}/secret/rotate`, {}, { headers });
  const second = await secretNow();
  const after = await publish();
  for (const library of [Webhook1, Webhook2, StandardWebhook]) {
    const verify = (secret: string, { body, headers }: Delivery) => new library(secret).verify(body, texts(headers));
    for (const [secret, delivery] of [
      [first, before],
      [first, after],
      [second, after],
    ] as const) {
      expect(() => verify(secret, delivery)).not.toThrow();
    }
    expect(() => verify(second, before)).toThrow("matching signature");
    expect(() => verify(second, { ...after, body: `${after.body} ` })).toThrow("matching signature");
  }
});
