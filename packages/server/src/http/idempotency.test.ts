import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { completed } from "../api/fixtures/weft-and-receiver.ts";
import { adminKey, startWeft, tokens } from "../api/svix/fixtures/svix-clients.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await startWeft();
});
afterAll(() => weft[Symbol.asyncDispose]());

const operator = { "x-api-key": adminKey };

async function keyWith(scopes: string[]) {
  const { key, id } = (await weft.post("/v1/api-keys", { name: "x", scopes }, { headers: operator })).body;
  return { id: id as string, headers: { "x-api-key": key as string } };
}

async function endpoint(): Promise<string> {
  const params = { url: "http://127.0.0.1:9/", event_types: ["sync.completed"] };
  return (await weft.post("/v1/webhooks/subscriptions", params, { headers: operator })).body.id;
}

/** Makes one call with one idempotency key and this credential. */
function once(path: string, body: unknown, headers: Record<string, string>, key = "one-key") {
  return weft.post(path, body, { headers: { ...headers, "idempotency-key": key } });
}

test("a record belongs to its credential: another credential makes the request itself, without a conflict", async () => {
  const [first, second] = await Promise.all([keyWith(["write"]), keyWith(["write"])]);
  const made = await once("/v1/collections", { name: "Handbook" }, first.headers);
  expect((await once("/v1/collections", { name: "Handbook" }, first.headers)).body).toEqual(made.body);
  const theirs = await once("/v1/collections", { name: "Handbook" }, second.headers);
  expect(theirs).toMatchObject({ status: 200 });
  expect(theirs.body.id).not.toBe(made.body.id);
  const other = await once("/v1/collections", { name: "Another" }, (await keyWith(["write"])).headers);
  expect(other.status).toBe(200);
  expect((await once("/v1/collections", { name: "Another" }, first.headers)).status).toBe(409);
});

test("events are accepted once for each credential", async () => {
  const [first, second] = await Promise.all([keyWith(["publish"]), keyWith(["publish"])]);
  const made = await once("/v1/events", completed(), first.headers, "event");
  expect((await once("/v1/events", completed(), first.headers, "event")).body).toEqual(made.body);
  const theirs = await once("/v1/events", completed(), second.headers, "event");
  expect(theirs.body.id).not.toBe(made.body.id);
  const app = `/api/v1/app/${weft.weft.organizationId}/msg`;
  const message = { eventType: "a", payload: {} };
  const sent = await once(app, message, first.headers, "message");
  expect((await once(app, message, first.headers, "message")).body).toEqual(sent.body);
  expect((await once(app, message, second.headers, "message")).body.id).not.toBe(sent.body.id);
});

test("a rotated key keeps its records", async () => {
  const { id, headers } = await keyWith(["write"]);
  const made = await once("/v1/collections", { name: "Kept" }, headers);
  const rotated = await weft.post(`/v1/api-keys/${id}/rotate`, {}, { headers: operator });
  const again = await once("/v1/collections", { name: "Kept" }, { "x-api-key": rotated.body.key });
  expect(again.body).toEqual(made.body);
});

test.each(["rotate-secret", "api-keys", "rotated key"])(
  "the response of %s is replayed to no credential, regardless of its rights",
  async (what) => {
    const id = await endpoint();
    const renewed = await keyWith(["read"]);
    const path = {
      "rotate-secret": `/v1/webhooks/subscriptions/${id}/rotate-secret`,
      "api-keys": "/v1/api-keys",
      "rotated key": `/v1/api-keys/${renewed.id}/rotate`,
    }[what] as string;
    const made = await once(path, {}, operator, what);
    const secret: string = made.body.secret ?? made.body.key;
    expect(secret.length).toBeGreaterThan(20);
    const app = await tokens().applicationToken({
      organizationId: weft.weft.organizationId,
      featureFlags: [],
      expiresAt: Date.now() + 600_000,
    });
    const link = (await weft.post("/v1/portal-sessions", {}, { headers: operator })).body.token;
    const [weak, strong] = await Promise.all([keyWith(["read", "write", "publish"]), keyWith(["admin"])]);
    const replays = [
      await once(path, {}, operator, what),
      await once(path, {}, weak.headers, what),
      await once(path, {}, { authorization: `Bearer ${app}` }, what),
      await once(path, {}, { authorization: `Bearer ${link}` }, what),
      await once(path, {}, strong.headers, what),
    ];
    expect(replays[0]).toMatchObject({ status: 409, body: { code: "idempotency_secret" } });
    expect(replays[1]?.status).toBe(403);
    for (const replay of replays) expect(replay.text).not.toContain(secret);
  },
);

test("each call creates a new portal link, with any idempotency key", async () => {
  for (const path of ["/v1/portal-sessions", `/api/v1/auth/app-portal-access/${weft.weft.organizationId}`]) {
    const [first, second] = [await once(path, {}, operator, "link"), await once(path, {}, operator, "link")];
    expect([first.status, second.status]).toEqual([200, 200]);
  }
});

test("the database keeps only the status of a response that contains a secret", async () => {
  const id = await endpoint();
  await once(`/v1/webhooks/subscriptions/${id}/rotate-secret`, {}, operator, "sealed");
  using db = new DatabaseSync(`${weft.folder}/weft.db`, { readOnly: true });
  const newest = "select status, length(body) as length from idempotency order by created_at desc limit 1";
  const row = db.prepare(newest).get();
  expect(row?.status).toBe(200);
  // A nonce and a tag around empty content.
  expect(Number(row?.length)).toBeLessThan(84);
});
