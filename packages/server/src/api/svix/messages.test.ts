import { messageInRaw, type Svix, Webhook } from "svix";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../delivery/fixtures/receiver.ts";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { majors, organizationToken, startWeft, tokens } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let receiver: Receiver;
let token: string;
beforeAll(async () => {
  receiver = await Receiver.start();
  weft = await startWeft();
  token = await organizationToken();
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return weft.call(method, `/api/v1${path}`, { body, headers: { authorization: `Bearer ${token}`, ...headers } });
}

let app: string;
beforeEach(async () => {
  app = (await call("POST", "/app", { name: "Acme" })).body.id;
  receiver.received.length = 0;
});

async function subscribe(body: object = {}) {
  return (await call("POST", `/app/${app}/endpoint`, { url: receiver.url(), ...body })).body;
}

function publish(body: object, headers: Record<string, string> = {}) {
  return call("POST", `/app/${app}/msg`, { eventType: "user.signup", payload: { n: 1 }, ...body }, headers);
}

const arrived = (count: number) =>
  until(`${count} arrived`, () => receiver.received.length === count && receiver.received);

/** The first major version requests it by default, the second does not. */
const content = { withContent: true };

describe.each(majors)("the SDK of major %s", (_, client) => {
  let svix: Svix;
  beforeAll(() => {
    svix = client(token, weft.url);
  });

  test("publishes a message, which is delivered with a signature, and finds it by its id and its event id", async () => {
    const endpoint = await subscribe();
    const given = { eventType: "user.signup", eventId: "evt-1", payload: { n: 1 }, channels: ["a"], tags: ["t"] };
    const message = await svix.message.create(app, given, content);
    expect(message).toMatchObject(given);
    expect(message.id).toMatch(/^msg_[0-9A-Za-z]{22}$/);
    expect(message.timestamp).toBeInstanceOf(Date);
    expect(await svix.message.get(app, message.id, content)).toEqual(message);
    expect(await svix.message.get(app, "evt-1", content)).toEqual(message);
    const [delivery] = await arrived(1);
    const { key } = await svix.endpoint.getSecret(app, endpoint.id);
    expect(delivery?.headers["svix-id"]).toBe(message.id);
    const headers = delivery?.headers as Record<string, string>;
    expect(new Webhook(key).verify(delivery?.body ?? "", headers)).toEqual({ n: 1 });
  });

  test("an event id that exists is a conflict", async () => {
    const message = { eventType: "user.signup", eventId: "evt-1", payload: {} };
    await svix.message.create(app, message);
    await expect(svix.message.create(app, message)).rejects.toMatchObject({ code: 409 });
  });

  test("sends a raw payload unchanged, with its media type", async () => {
    await subscribe();
    const { id } = await svix.message.create(app, messageInRaw("user.signup", "<n>1</n>", "text/xml"));
    expect((await svix.message.get(app, id, content)).payload).toEqual({ rawPayload: "<n>1</n>" });
    const [delivery] = await arrived(1);
    expect(delivery).toMatchObject({ body: "<n>1</n>", headers: { "content-type": "text/xml" } });
  });

  test("pages through messages, newest first, forwards and backwards, and from a start time", async () => {
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.unshift((await svix.message.create(app, { eventType: "a", payload: {} })).id);
    const ids = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id);
    const first = await svix.message.list(app, { limit: 2 });
    const second = await svix.message.list(app, { limit: 2, iterator: first.iterator ?? "" });
    const third = await svix.message.list(app, { limit: 2, iterator: second.iterator ?? "" });
    expect([first, second, third].flatMap(ids)).toEqual(made);
    expect([first, second, third].map(({ done }) => done)).toEqual([false, false, true]);
    const back = await svix.message.list(app, { limit: 2, iterator: third.prevIterator ?? "" });
    expect(ids(back)).toEqual(ids(second));
    // With only a start time, the page nearest to it comes first.
    const after = new Date(Date.now() - 3_600_000);
    const oldest = await svix.message.list(app, { limit: 2, after });
    expect(ids(oldest)).toEqual(made.slice(3));
    const next = await svix.message.list(app, { limit: 2, after, iterator: oldest.prevIterator ?? "" });
    expect(ids(next)).toEqual(made.slice(1, 3));
    expect(ids(await svix.message.list(app, { before: after }))).toEqual([]);
    expect(ids(await svix.message.list(app, { before: new Date(Date.now() + 60_000), after }))).toEqual(made);
  });

  test("lists by event type, channel and tag, with content or without", async () => {
    const make = (eventType: string, more: object = {}) =>
      svix.message.create(app, { eventType, payload: { n: 1 }, ...more });
    const [a, b, c] = [await make("a"), await make("b", { channels: ["x", "y"] }), await make("c", { tags: ["t"] })];
    const ids = async (options: object) => (await svix.message.list(app, options)).data.map(({ id }) => id);
    expect(await ids({ eventTypes: ["a", "c"] })).toEqual([c.id, a.id]);
    expect(await ids({ channel: "y" })).toEqual([b.id]);
    expect(await ids({ tag: "t" })).toEqual([c.id]);
    expect((await svix.message.list(app, { withContent: false })).data.map(({ payload }) => payload)).toEqual([
      {},
      {},
      {},
    ]);
    expect((await svix.message.get(app, a.id, { withContent: false })).payload).toEqual({});
  });

  test("deletes a payload, which is not sent any more", async () => {
    const message = await svix.message.create(app, { eventType: "a", payload: { secret: "s" } });
    await svix.message.expungeContent(app, message.id);
    expect((await svix.message.get(app, message.id, content)).payload).toEqual({ expired: true });
  });

  test("returns whether a message would match any endpoint", async () => {
    const precheck = async (channels?: string[]) =>
      (await svix.message.precheck(app, { eventType: "user.signup", channels: channels ?? null })).active;
    expect(await precheck()).toBe(false);
    await subscribe({ channels: ["a"] });
    expect([await precheck(), await precheck(["a"])]).toEqual([false, true]);
  });

  test("creates the application together with its first message", async () => {
    const uid = `customer-${Math.random().toString(36).slice(2)}`;
    const message = { eventType: "user.signup", payload: {}, application: { name: "New", uid } };
    const made = await svix.message.create(uid, message);
    expect((await svix.application.get(uid)).name).toBe("New");
    await svix.message.create(uid, { ...message, application: { name: "Ignored", uid } });
    expect((await svix.application.get(uid)).name).toBe("New");
    expect((await svix.message.list(uid)).data).toHaveLength(2);
    expect((await svix.message.get(uid, made.id)).id).toBe(made.id);
    await expect(svix.message.create("unknown", { eventType: "a", payload: {} })).rejects.toMatchObject({ code: 404 });
    const other = { ...message, application: { name: "Other", uid: "other" } };
    await expect(svix.message.create("another", other)).rejects.toMatchObject({ code: 422 });
  });

  test("sends an example to an endpoint alone", async () => {
    const endpoint = await subscribe();
    await subscribe();
    const example = await svix.endpoint.sendExample(app, endpoint.id, { eventType: "sync.completed" });
    expect(example).toMatchObject({ eventType: "sync.completed", payload: { event_type: "sync.completed" } });
    const [delivery] = await arrived(1);
    expect(delivery?.headers["svix-id"]).toBe(example.id);
    const ping = await svix.endpoint.sendExample(app, endpoint.id, { eventType: "svix.ping" });
    expect(ping.payload).toEqual({ success: true });
    await arrived(2);
  });
});

test("an endpoint gets the messages that match all of its filters", async () => {
  await subscribe({ eventTypes: ["sync.*"], channels: ["a"], url: receiver.url("/both") });
  await subscribe({ channels: ["a", "b"], url: receiver.url("/channels") });
  await subscribe({ url: receiver.url("/all") });
  await publish({ eventType: "sync.failed", channels: ["a"] });
  await publish({ eventType: "sync.failed" });
  await publish({ eventType: "unknown.type", channels: ["b", "c"] });
  const paths = (await arrived(6)).map(({ path }) => path).sort();
  expect(paths).toEqual(["/all", "/all", "/all", "/both", "/channels", "/channels"]);
});

test("a payload is sent and shown byte for byte", async () => {
  await subscribe();
  const payload = '{ "big": 12345678901234567890.10, "a":1, "a":2, "nul":"\\u0000", "lone":"\\ud800", "ü":"€" }';
  const sent = await weft.call("POST", `/api/v1/app/${app}/msg`, {
    text: `{"eventType":"a","payload":${payload}}`,
    headers: { authorization: `Bearer ${token}` },
  });
  expect(sent.status).toBe(202);
  expect(sent.text).toContain(payload);
  expect((await arrived(1))[0]?.body).toBe(payload);
  expect((await call("GET", `/app/${app}/msg/${sent.body.id}`)).text).toContain(payload);
  expect((await call("GET", `/app/${app}/msg`)).text).toContain(payload);
});

test("a message with a later delivery time is shown as such, and not sent before", async () => {
  await subscribe();
  const deliverAt = new Date(Date.now() + 3_600_000).toISOString();
  const { body } = await publish({ deliverAt });
  expect(body.deliverAt).toBe(deliverAt);
  await publish({ eventId: "at-once", deliverAt: "2020-01-01T00:00:00Z" });
  const [first] = await arrived(1);
  expect(first?.headers["svix-id"]).not.toBe(body.id);
  expect((await publish({ deliverAt: new Date(Date.now() + 25 * 3_600_000).toISOString() })).status).toBe(422);
});

test("a message that is published again under its idempotency key returns the first response, and is stored once", async () => {
  const key = { "idempotency-key": "again" };
  const first = await publish({ eventId: "evt-1" }, key);
  const again = await publish({ eventId: "evt-1" }, key);
  expect(again).toMatchObject({ status: 202, body: first.body });
  expect(await publish({ eventId: "evt-2" }, key)).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect((await call("GET", `/app/${app}/msg`)).body.data).toHaveLength(1);
});

test("mistakes in a message are reported, and nothing is stored", async () => {
  const wrong: [object, string][] = [
    [{ eventType: "with space" }, "eventType"],
    [{ payload: [1] }, "payload"],
    [{ payload: "text" }, "payload"],
    [{ payload: undefined }, "payload"],
    [{ eventId: "msg_mine" }, "eventId"],
    [{ channels: [] }, "channels"],
    [{ payloadRetentionPeriod: 4 }, "payloadRetentionPeriod"],
    [{ deliverAt: "soon" }, "deliverAt"],
    [{ transformationsParams: { rawPayload: "a\u0000b" } }, "transformationsParams"],
    [{ transformationsParams: { rawPayload: "\ud800" } }, "transformationsParams"],
    [{ transformationsParams: { rawPayload: "a", headers: { "content-type": "a\r\nb: c" } } }, "transformationsParams"],
  ];
  for (const [body, field] of wrong) {
    const response = await publish(body);
    expect(response.status, JSON.stringify(body)).toBe(422);
    expect(response.body.detail[0].loc.slice(0, 2)).toEqual(["body", field]);
  }
  const large = await publish({ payload: { text: "x".repeat(300_000) } });
  expect(large).toMatchObject({ status: 413, body: { code: "payload_too_large" } });
  expect((await call("GET", `/app/${app}/msg`)).body.data).toEqual([]);
  for (const query of ["iterator=msg_x", "iterator=ep_000", "limit=251", "limit=0"]) {
    expect((await call("GET", `/app/${app}/msg?${query}`)).status, query).toBe(422);
  }
});

test("lists of event types may be spelled with commas, brackets or indexes", async () => {
  for (const eventType of ["a", "b", "c"]) await publish({ eventType });
  for (const query of ["event_types=a,b", "event_types[]=a&event_types[]=b", "event_types[0]=a&event_types[1]=b"]) {
    const { body } = await call("GET", `/app/${app}/msg?${query}`);
    expect(
      body.data.map((message: { eventType: string }) => message.eventType),
      query,
    ).toEqual(["b", "a"]);
  }
});

test("payloads of many messages are deleted at once, by id and event id, and the response lists those found", async () => {
  const { Svix } = await import("svix-2");
  const svix = new Svix(token, { serverUrl: weft.url });
  const first = (await publish({ payload: { secret: "s" } })).body.id;
  await publish({ eventId: "evt-2" });
  const kept = (await publish({ payload: { n: 3 } })).body.id;
  const other = (await call("POST", "/app", { name: "Other" })).body.id;
  const foreign = (await call("POST", `/app/${other}/msg`, { eventType: "a", payload: { n: 4 } })).body.id;
  const { results } = await svix.message.bulkExpungeContent(app, { ids: [first, "evt-2", foreign, "nothing"] });
  expect(results).toEqual({ [first]: "expunged", "evt-2": "expunged", [foreign]: "not-found", nothing: "not-found" });
  const payload = async (of: string, id: string) => (await call("GET", `/app/${of}/msg/${id}`)).body.payload;
  expect(await payload(app, first)).toEqual({ expired: true });
  expect(await payload(app, "evt-2")).toEqual({ expired: true });
  expect([await payload(app, kept), await payload(other, foreign)]).toEqual([{ n: 3 }, { n: 4 }]);
});

test("an application's own token reads messages, and neither publishes nor deletes them", async () => {
  const message = (await publish({})).body.id;
  const organizationId = parseId("app", app) as OrganizationId;
  const bearer = await tokens().applicationToken({ organizationId, featureFlags: [], expiresAt: Date.now() + 60_000 });
  const own = { authorization: `Bearer ${bearer}` };
  expect((await call("GET", `/app/${app}/msg/${message}`, undefined, own)).status).toBe(200);
  expect(await publish({}, own)).toMatchObject({ status: 403, body: { code: "insufficient access" } });
  expect((await call("DELETE", `/app/${app}/msg/${message}/content`, undefined, own)).status).toBe(403);
});

test("a message's id is unknown in another application", async () => {
  const { id } = (await publish({ eventId: "evt-1" })).body;
  const other = (await call("POST", "/app", { name: "Other" })).body.id;
  for (const named of [id, "evt-1", parseId("msg", id)]) {
    expect((await call("GET", `/app/${other}/msg/${named}`)).status).toBe(404);
    expect((await call("GET", `/app/${app}/msg/${named}`)).status).toBe(200);
  }
});
