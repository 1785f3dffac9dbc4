import type { MessageAttemptOut, Svix } from "svix";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver, type ReceiverBehaviour, status } from "../../delivery/fixtures/receiver.ts";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, majors, organizationToken, startWeft, tokens } from "./fixtures/svix-clients.ts";

const [success, pending, fail, sending, canceled] = [0, 1, 2, 3, 4] as const;

/** The receiver's responses, by path. */
const responses: Record<string, ReceiverBehaviour> = {
  "/ok": status(200, {}, "fine"),
  "/empty": status(204),
  "/busy": status(503, {}, "busy"),
  "/bad": status(400, {}, "bad"),
  "/silent": (response) => void response.destroy(),
};

let weft: RunningWeft;
let receiver: Receiver;
let token: string;
beforeAll(async () => {
  receiver = await Receiver.start();
  receiver.respond = (response, received) => responses[received.path]?.(response, received);
  weft = await startWeft({ WEFT_RETRY_SCHEDULE: "1h" });
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
});

/** An endpoint whose response depends on its path. */
async function endpointAt(path: keyof typeof responses, body: object = {}): Promise<string> {
  return (await call("POST", `/app/${app}/endpoint`, { url: receiver.url(path), ...body })).body.id;
}

/** An endpoint without retries, whose receiver returns the error of `bad`. */
async function badEndpoint(): Promise<string> {
  const id = await endpointAt("/bad");
  const headers = { authorization: `Bearer ${adminKey}`, "x-organization-id": String(parseId("app", app)) };
  await weft.patch(`/v1/webhooks/subscriptions/${parseId("ep", id)}`, { retry_schedule: [] }, { headers });
  return id;
}

async function publish(body: object = {}): Promise<string> {
  return (await call("POST", `/app/${app}/msg`, { eventType: "user.signup", payload: { n: 1 }, ...body })).body.id;
}

interface AttemptShown {
  readonly id: string;
  readonly endpointId: string;
}

/** Waits until a message has this many attempts, and returns them, newest first. */
function attemptsOf(message: string, count: number): Promise<[AttemptShown, ...AttemptShown[]]> {
  return until(`${count} attempts of ${message}`, async () => {
    const { body } = await call("GET", `/app/${app}/attempt/msg/${message}`);
    return body.data.length === count && body.data;
  });
}

/** Messages that are published and attempted one after the other, newest first. */
async function sentOneByOne(bodies: readonly object[]): Promise<string[]> {
  const messages: string[] = [];
  for (const body of bodies) {
    const message = await publish(body);
    await attemptsOf(message, 1);
    messages.unshift(message);
  }
  return messages;
}

interface Listed {
  readonly data: { readonly id: string }[];
  readonly iterator: string | null;
  readonly prevIterator?: string | null;
  readonly done: boolean;
}
type List = (page: { limit: number; iterator?: string }) => Promise<Listed>;

/** Reads every page of two from the first to the last, and then back from the last to the first. */
async function walked(list: List): Promise<{ there: string[]; back: string[] }> {
  const pages: string[][] = [];
  let page = await list({ limit: 2 });
  for (;;) {
    pages.push(page.data.map(({ id }) => id));
    if (page.done) break;
    page = await list({ limit: 2, iterator: page.iterator ?? "" });
  }
  const there = pages.flat();
  const back = pages.at(-1) ?? [];
  for (;;) {
    page = await list({ limit: 2, iterator: page.prevIterator ?? "" });
    back.unshift(...page.data.map(({ id }) => id));
    if (page.done) return { there, back };
  }
}

/** Every page of two, by the iterator of the page before. */
async function pagesOf(list: List): Promise<string[][]> {
  const pages: string[][] = [];
  for (let iterator = {}; ; ) {
    const page = await list({ limit: 2, ...iterator });
    pages.push(ids(page));
    if (page.done) return pages;
    iterator = { iterator: page.iterator };
  }
}

const ids = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
const longAgo = () => new Date(Date.now() - 3_600_000);

describe.each(majors)("the SDK of major %s", (_, client) => {
  let svix: Svix;
  beforeAll(() => {
    svix = client(token, weft.url);
  });

  test("shows the outcome of each attempt: a success, a failure with or without a retry, and no response", async () => {
    const [ok, empty, busy] = [await endpointAt("/ok"), await endpointAt("/empty"), await endpointAt("/busy")];
    const [bad, silent] = [await badEndpoint(), await endpointAt("/silent")];
    const message = await publish();
    await attemptsOf(message, 5);
    const { data } = await svix.messageAttempt.listByMsg(app, message, { withContent: true });
    const at = (endpointId: string) => data.find((attempt) => attempt.endpointId === endpointId) as MessageAttemptOut;
    const common = { msgId: message, triggerType: 0, timestamp: expect.any(Date) };
    expect(at(ok)).toMatchObject({
      ...common,
      id: expect.stringMatching(/^atmpt_[0-9A-Za-z]{22}$/),
      url: receiver.url("/ok"),
      response: "fine",
      responseStatusCode: 200,
      responseDurationMs: expect.any(Number),
      status: success,
      statusText: "success",
    });
    expect(at(empty)).toMatchObject({ ...common, response: "", responseStatusCode: 204, status: success });
    expect(at(busy)).toMatchObject({
      ...common,
      response: "busy",
      responseStatusCode: 503,
      status: fail,
      statusText: "fail",
    });
    expect(at(bad)).toMatchObject({
      ...common,
      response: "bad",
      responseStatusCode: 400,
      status: fail,
      statusText: "fail",
    });
    expect(at(silent)).toMatchObject({
      ...common,
      response: expect.stringMatching(/^\w+: ./),
      responseStatusCode: 0,
      status: fail,
    });
    for (const attempt of data) expect(await svix.messageAttempt.get(app, message, attempt.id)).toEqual(attempt);
  });

  test("pages through an endpoint's attempts and messages, forwards and backwards, and from a start time", async () => {
    const endpoint = await endpointAt("/ok");
    const messages = await sentOneByOne([{}, {}, {}, {}, {}]);
    const attempts = ids(await svix.messageAttempt.listByEndpoint(app, endpoint));
    expect(attempts).toHaveLength(5);
    const lists: [List, string[]][] = [
      [(page) => svix.messageAttempt.listByEndpoint(app, endpoint, page), attempts],
      [(page) => svix.messageAttempt.listAttemptedMessages(app, endpoint, page), messages],
    ];
    for (const [list, all] of lists) {
      expect(await walked(list)).toEqual({ there: all, back: all });
      const after = longAgo();
      const from =
        (more: object): List =>
        (page) =>
          list({ ...page, ...more });
      expect(await walked(from({ after, before: new Date(Date.now() + 60_000) }))).toEqual({ there: all, back: all });
      // With only a start time, the page nearest to it comes first, and both iterators lead to the pages before it.
      expect(await pagesOf(from({ after }))).toEqual([all.slice(3), all.slice(1, 3), all.slice(0, 1)]);
      const oldest = await from({ after })({ limit: 2 });
      expect(ids(oldest)).toEqual(all.slice(3));
      const next = await from({ after })({ limit: 2, iterator: oldest.prevIterator ?? "" });
      expect(ids(next)).toEqual(all.slice(1, 3));
      expect(ids(await from({ before: after })({ limit: 2 }))).toEqual([]);
      expect(ids(await from({ after: new Date(Date.now() + 60_000) })({ limit: 2 }))).toEqual([]);
    }
  });

  test("pages through a message's attempts and endpoints, forwards and backwards", async () => {
    const endpoints: string[] = [];
    for (let i = 0; i < 5; i++) endpoints.push(await endpointAt("/ok"));
    const message = await publish({ eventId: "evt-1" });
    const attempts = (await attemptsOf(message, 5)).map(({ id }) => id);
    for (const named of [message, "evt-1"]) {
      const byMessage: List = (page) => svix.messageAttempt.listByMsg(app, named, page);
      expect(await walked(byMessage)).toEqual({ there: attempts, back: attempts });
      const destinations: List = (page) => svix.messageAttempt.listAttemptedDestinations(app, named, page);
      expect(await walked(destinations)).toEqual({ there: endpoints, back: endpoints });
    }
    const oldest = await svix.messageAttempt.listByMsg(app, message, { limit: 2, after: longAgo() });
    expect(ids(oldest)).toEqual(attempts.slice(3));
  });

  test("finds attempts by their status, the class of their response, and their endpoint", async () => {
    const [ok, busy, bad] = [await endpointAt("/ok"), await endpointAt("/busy"), await badEndpoint()];
    const silent = await endpointAt("/silent");
    const message = await publish();
    await attemptsOf(message, 4);
    const of = async (options: object) =>
      (await svix.messageAttempt.listByMsg(app, message, options)).data.map(({ endpointId }) => endpointId).sort();
    expect(await of({ status: success })).toEqual([ok]);
    expect(await of({ status: sending })).toEqual([]);
    expect(await of({ status: fail })).toEqual([bad, busy, silent].sort());
    expect(await of({ status: pending })).toEqual([]);
    expect(await of({ status: canceled })).toEqual([]);
    expect(await of({ statusCodeClass: 0 })).toEqual([silent]);
    expect(await of({ statusCodeClass: 100 })).toEqual([]);
    expect(await of({ statusCodeClass: 200 })).toEqual([ok]);
    expect(await of({ statusCodeClass: 400 })).toEqual([bad]);
    expect(await of({ statusCodeClass: 500 })).toEqual([busy]);
    expect(await of({ statusCodeClass: 500, status: success })).toEqual([]);
    expect(await of({ endpointId: bad })).toEqual([bad]);
    const at = async (endpoint: string, options: object) =>
      (await svix.messageAttempt.listByEndpoint(app, endpoint, options)).data.length;
    expect([await at(busy, { status: fail }), await at(busy, { status: success })]).toEqual([1, 0]);
    expect([await at(ok, { status: success }), await at(ok, { statusCodeClass: 500 })]).toEqual([1, 0]);
    expect([await at(silent, { statusCodeClass: 0 }), await at(bad, { status: fail })]).toEqual([1, 1]);
  });

  test("finds attempts and an endpoint's messages by event type, channel and tag", async () => {
    const endpoint = await endpointAt("/ok");
    const [c, b, a] = (await sentOneByOne([
      { eventType: "a", tags: ["t"] },
      { eventType: "b", channels: ["x", "y"] },
      { eventType: "c" },
    ])) as [string, string, string];
    const lists = [
      async (options: object) =>
        (await svix.messageAttempt.listByEndpoint(app, endpoint, options)).data.map(({ msgId }) => msgId),
      async (options: object) => ids(await svix.messageAttempt.listAttemptedMessages(app, endpoint, options)),
    ];
    for (const found of lists) {
      expect(await found({ eventTypes: ["a", "c"] })).toEqual([c, a]);
      expect(await found({ channel: "y" })).toEqual([b]);
      expect(await found({ tag: "t" })).toEqual([a]);
      expect(await found({ tag: "t", eventTypes: ["b"] })).toEqual([]);
    }
    expect((await svix.messageAttempt.listByMsg(app, a, { tag: "t" })).data).toHaveLength(1);
    expect((await svix.messageAttempt.listByMsg(app, a, { tag: "other" })).data).toEqual([]);
    expect((await svix.messageAttempt.listByMsg(app, b, { channel: "x", eventTypes: ["b"] })).data).toHaveLength(1);
  });

  test("shows attempts with or without their content and their message", async () => {
    const endpoint = await endpointAt("/ok");
    const [message] = (await sentOneByOne([{ payload: { n: 7 }, channels: ["a"] }])) as [string];
    const first = async (options: object) => (await svix.messageAttempt.listByEndpoint(app, endpoint, options)).data[0];
    expect(await first({ withContent: false })).toMatchObject({ response: "{}" });
    expect(await first({ withContent: true })).toMatchObject({ response: "fine", msg: undefined });
    const whole = { id: message, eventType: "user.signup", channels: ["a"], payload: { n: 7 } };
    expect((await first({ withContent: true, withMsg: true }))?.msg).toMatchObject(whole);
    expect((await first({ withContent: false, withMsg: true }))?.msg).toMatchObject({ id: message, payload: {} });
    const { data } = await svix.messageAttempt.listAttemptedMessages(app, endpoint, { withContent: true });
    expect(data).toEqual([expect.objectContaining({ ...whole, timestamp: expect.any(Date) })]);
    const bare = await svix.messageAttempt.listAttemptedMessages(app, endpoint, { withContent: false });
    expect(bare.data[0]?.payload).toEqual({});
  });

  test("deletes the response of an attempt, and nothing else of it", async () => {
    await endpointAt("/ok");
    const message = await publish({ eventId: "evt-1" });
    const [made] = await attemptsOf(message, 1);
    const before = await svix.messageAttempt.get(app, "evt-1", made.id);
    await svix.messageAttempt.expungeContent(app, "evt-1", made.id);
    const after = await svix.messageAttempt.get(app, message, made.id);
    expect(after).toEqual({ ...before, response: "EXPUNGED" });
  });

  test("shows the progress of an endpoint's messages, and filters by it", async () => {
    const lists = async (endpoint: string, options: object = {}) =>
      (await svix.messageAttempt.listAttemptedMessages(app, endpoint, options)).data;
    const [ok, busy, bad] = [await endpointAt("/ok"), await endpointAt("/busy"), await badEndpoint()];
    const [later, now] = [
      await publish({ deliverAt: new Date(Date.now() + 3_600_000).toISOString() }),
      await publish({ eventType: "second" }),
    ];
    await attemptsOf(now, 3);
    expect(await lists(ok)).toMatchObject([
      { id: now, eventType: "second", status: success, statusText: "success", nextAttempt: null },
      { id: later, status: pending, statusText: "pending", nextAttempt: expect.any(Date) },
    ]);
    const [retried] = await lists(busy, { status: sending });
    expect(retried).toMatchObject({ id: now, status: sending, statusText: "sending" });
    expect(retried?.nextAttempt?.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
    expect(await lists(bad, { status: fail })).toMatchObject([{ id: now, status: fail, nextAttempt: null }]);
    expect(await lists(ok, { status: success })).toMatchObject([{ id: now }]);
    expect(await lists(ok, { status: pending })).toMatchObject([{ id: later }]);
    expect(await lists(ok, { status: fail })).toEqual([]);
    await svix.message.expungeContent(app, later);
    expect(await lists(ok, { status: canceled })).toMatchObject([{ id: later, statusText: "canceled" }]);
    expect(await lists(ok, { status: pending })).toEqual([]);
  });

  test("shows where a message was sent, including endpoints that were deleted since", async () => {
    const [ok, busy, gone] = [await endpointAt("/ok", { uid: "mine" }), await endpointAt("/busy"), await badEndpoint()];
    const message = await publish();
    await attemptsOf(message, 3);
    await svix.endpoint.delete(app, gone);
    const { data, done } = await svix.messageAttempt.listAttemptedDestinations(app, message);
    expect(done).toBe(true);
    expect(data).toMatchObject([
      { id: ok, uid: "mine", url: receiver.url("/ok"), status: success, statusText: "success", nextAttempt: null },
      { id: busy, status: sending, statusText: "sending", nextAttempt: expect.any(Date) },
      { id: gone, url: receiver.url("/bad"), status: fail, statusText: "fail" },
    ]);
    expect(data[0]?.createdAt).toBeInstanceOf(Date);
  });

  test("resends a message, or returns the reason why it cannot", async () => {
    const endpoint = await endpointAt("/ok", { uid: "mine" });
    const message = await publish({ eventId: "evt-1" });
    await attemptsOf(message, 1);
    expect(await svix.messageAttempt.resend(app, "evt-1", "mine")).toEqual({});
    await attemptsOf(message, 2);
    const [again, first] = (await svix.messageAttempt.listByEndpoint(app, endpoint)).data;
    expect([again?.triggerType, first?.triggerType]).toEqual([1, 0]);
    await svix.endpoint.patch(app, endpoint, { disabled: true });
    await expect(svix.messageAttempt.resend(app, message, endpoint)).rejects.toMatchObject({ code: 409 });
    await svix.endpoint.patch(app, endpoint, { disabled: false });
    await svix.message.expungeContent(app, message);
    await expect(svix.messageAttempt.resend(app, message, endpoint)).rejects.toMatchObject({
      code: 400,
      body: { code: "missing_payload" },
    });
  });

  test("counts an endpoint's attempts in a window, and its waiting deliveries", async () => {
    const [ok, busy] = [await endpointAt("/ok"), await endpointAt("/busy")];
    const nothing = { success: 0, pending: 0, fail: 0, sending: 0, canceled: 0 };
    expect(await svix.endpoint.getStats(app, ok)).toEqual(nothing);
    const later = await publish({ deliverAt: new Date(Date.now() + 3_600_000).toISOString() });
    for (let i = 0; i < 3; i++) await attemptsOf(await publish(), 2);
    const soon = new Date(Date.now() + 60_000);
    const stats = (endpoint: string, options: object = { until: soon }) =>
      svix.endpoint.getStats(app, endpoint, options);
    expect(await stats(ok)).toEqual({ ...nothing, success: 3, pending: 1 });
    expect(await stats(busy)).toEqual({ ...nothing, fail: 3, sending: 3, pending: 1 });
    await svix.message.expungeContent(app, later);
    expect(await stats(ok, { since: longAgo(), until: soon })).toEqual({ ...nothing, success: 3, canceled: 1 });
    expect(await stats(ok, { until: longAgo() })).toEqual(nothing);
  });
});

test("the window in which attempts are counted has limits", async () => {
  const endpoint = await endpointAt("/ok");
  const day = 86_400_000;
  const request = (since: number, end: number) => {
    const [from, to] = [since, end].map((ms) => new Date(Date.now() + ms).toISOString());
    return call("GET", `/app/${app}/endpoint/${endpoint}/stats?since=${from}&until=${to}`);
  };
  expect((await request(-28 * day, 0)).status).toBe(200);
  expect((await request(-28 * day - 240_000, 0)).status).toBe(200);
  for (const [since, end] of [
    [-28 * day - 360_000, 0],
    [-day, 3_600_000],
    [-day, -2 * day],
  ] as const) {
    expect(await request(since, end)).toMatchObject({ status: 400, body: { code: "invalid_range" } });
  }
  expect((await call("GET", `/app/${app}/endpoint/${endpoint}/stats?since=yesterday`)).status).toBe(422);
});

test("the older names of the lists of attempts return the same, filters and iterators included", async () => {
  const [ok, bad] = [await endpointAt("/ok"), await badEndpoint()];
  const message = await publish();
  const attempts = (await attemptsOf(message, 2)).map(({ id }) => id);
  const attempt = async (path: string) => (await call("GET", `/app/${app}/msg/${message}${path}`)).body;
  const all = (await call("GET", `/app/${app}/attempt/msg/${message}`)).body;
  expect(await attempt("/attempt")).toEqual(all);
  expect((await attempt("/attempt?status=2")).data).toMatchObject([{ endpointId: bad }]);
  expect((await attempt(`/endpoint/${ok}/attempt`)).data).toMatchObject([{ endpointId: ok }]);
  expect((await attempt(`/endpoint/${bad}/attempt?status_code_class=200`)).data).toEqual([]);
  const list: List = ({ limit, iterator }) => attempt(`/attempt?limit=${limit / 2}&iterator=${iterator ?? ""}`);
  expect(await walked(list)).toEqual({ there: attempts, back: attempts });
});

test("a failed attempt has failed also while a retry is ahead, which its message and its endpoint show", async () => {
  let refusals = 1;
  responses["/again"] = (response) => void response.writeHead(refusals-- > 0 ? 500 : 200).end();
  const endpoint = await endpointAt("/again");
  const message = await publish();
  await attemptsOf(message, 1);
  const texts = async (query = "") =>
    (await call("GET", `/app/${app}/attempt/endpoint/${endpoint}${query}`)).body.data.map(
      (attempt: { statusText: string }) => attempt.statusText,
    );
  expect([await texts(), await texts("?status=2"), await texts("?status=3")]).toEqual([["fail"], ["fail"], []]);
  for (const path of [`/endpoint/${endpoint}/msg`, `/endpoint/${endpoint}/msg?status=3`, `/msg/${message}/endpoint`]) {
    const { data } = (await call("GET", `/app/${app}${path}`)).body;
    expect(data, path).toMatchObject([{ statusText: "sending", nextAttempt: expect.any(String) }]);
  }
  await call("POST", `/app/${app}/msg/${message}/endpoint/${endpoint}/resend`);
  await attemptsOf(message, 2);
  expect(await texts()).toEqual(["success", "fail"]);
  expect([await texts("?status=2"), await texts("?status=3")]).toEqual([["fail"], []]);
  const { data } = (await call("GET", `/app/${app}/msg/${message}/endpoint`)).body;
  expect(data).toMatchObject([{ statusText: "success", nextAttempt: null }]);
});

test("clients that do not support canceled messages see them as failed", async () => {
  const endpoint = await endpointAt("/ok", { disabled: true });
  const message = await publish();
  const texts = async (path: string) =>
    (await call("GET", `/app/${app}${path}`)).body.data.map((item: { statusText: string }) => item.statusText);
  expect(await texts(`/endpoint/${endpoint}/msg?expanded_statuses=true`)).toEqual(["canceled"]);
  expect(await texts(`/endpoint/${endpoint}/msg`)).toEqual(["fail"]);
  expect(await texts(`/msg/${message}/endpoint?expanded_statuses=true`)).toEqual(["canceled"]);
  expect(await texts(`/msg/${message}/endpoint`)).toEqual(["fail"]);
  expect(await texts(`/attempt/msg/${message}`)).toEqual([]);
});

test("a payload in a list of attempts or messages keeps its bytes", async () => {
  const endpoint = await endpointAt("/ok");
  const payload = '{ "big": 12345678901234567890.10, "a":1, "a":2 }';
  const { body } = await weft.call("POST", `/api/v1/app/${app}/msg`, {
    text: `{"eventType":"a","payload":${payload}}`,
    headers: { authorization: `Bearer ${token}` },
  });
  await attemptsOf(body.id, 1);
  for (const path of [`/attempt/endpoint/${endpoint}?with_msg=true`, `/endpoint/${endpoint}/msg`]) {
    expect((await call("GET", `/app/${app}${path}`)).text).toContain(payload);
  }
});

test("an invalid query of a list is rejected with the parameter", async () => {
  const endpoint = await endpointAt("/ok");
  const message = await publish();
  const lists = [
    `/attempt/endpoint/${endpoint}`,
    `/attempt/msg/${message}`,
    `/msg/${message}/attempt`,
    `/msg/${message}/endpoint/${endpoint}/attempt`,
    `/endpoint/${endpoint}/msg`,
    `/msg/${message}/endpoint`,
  ];
  for (const list of lists) {
    for (const query of ["iterator=nonsense", "iterator=atmpt_x", "iterator=-ep_1", "limit=0", "limit=251"]) {
      const refused = await call("GET", `/app/${app}${list}?${query}`);
      expect(refused, `${list}?${query}`).toMatchObject({ status: 422, body: { detail: expect.any(Array) } });
      expect(refused.body.detail[0].loc).toEqual(["query", query.split("=")[0]]);
    }
    expect((await call("GET", `/app/${app}${list}?limit=250`)).status).toBe(200);
  }
  for (const query of ["status=5", "status=success", "status_code_class=404", "with_content=maybe"]) {
    const refused = await call("GET", `/app/${app}/attempt/endpoint/${endpoint}?${query}`);
    expect(refused, query).toMatchObject({ status: 400, body: { code: "generic_error" } });
  }
  expect((await call("GET", `/app/${app}/attempt/endpoint/${endpoint}?before=soon`)).status).toBe(422);
});

test("an object of another application or another message is not found", async () => {
  const endpoint = await endpointAt("/ok");
  const message = await publish();
  const other = await publish();
  const [made] = await attemptsOf(message, 1);
  await attemptsOf(other, 1);
  const elsewhere = (await call("POST", "/app", { name: "Other" })).body.id;
  const zeros = "0".repeat(22);
  const missing: [string, string][] = [
    ["GET", `/app/${elsewhere}/attempt/endpoint/${endpoint}`],
    ["GET", `/app/${elsewhere}/attempt/msg/${message}`],
    ["GET", `/app/${elsewhere}/msg/${message}/attempt/${made.id}`],
    ["DELETE", `/app/${elsewhere}/msg/${message}/attempt/${made.id}/content`],
    ["GET", `/app/${elsewhere}/endpoint/${endpoint}/msg`],
    ["GET", `/app/${elsewhere}/endpoint/${endpoint}/stats`],
    ["GET", `/app/${elsewhere}/msg/${message}/endpoint`],
    ["POST", `/app/${elsewhere}/msg/${message}/endpoint/${endpoint}/resend`],
    ["GET", `/app/${elsewhere}/msg/${message}/attempt`],
    ["GET", `/app/${elsewhere}/msg/${message}/endpoint/${endpoint}/attempt`],
    ["GET", `/app/${app}/msg/${other}/attempt/${made.id}`],
    ["DELETE", `/app/${app}/msg/${other}/attempt/${made.id}/content`],
    ["GET", `/app/${app}/msg/${message}/attempt/atmpt_${zeros}`],
    ["GET", `/app/${app}/msg/${message}/attempt/nonsense`],
    ["GET", `/app/${app}/attempt/msg/${message}?endpoint_id=ep_${zeros}`],
    ["GET", `/app/${app}/attempt/msg/msg_${zeros}`],
    ["POST", `/app/${app}/msg/${message}/endpoint/ep_${zeros}/resend`],
    ["POST", `/app/${app}/msg/msg_${zeros}/endpoint/${endpoint}/resend`],
  ];
  for (const [method, path] of missing) {
    expect(await call(method, path), `${method} ${path}`).toMatchObject({ status: 404, body: { code: "not_found" } });
  }
  expect((await call("GET", `/app/${app}/msg/${message}/attempt/${made.id}`)).body.response).toBe("fine");
});

test("an application's own token reads its attempts and resends, and deletes no responses", async () => {
  const endpoint = await endpointAt("/ok");
  const message = await publish();
  const [made] = await attemptsOf(message, 1);
  const organizationId = parseId("app", app) as OrganizationId;
  const bearer = await tokens().applicationToken({ organizationId, featureFlags: [], expiresAt: Date.now() + 60_000 });
  const own = { authorization: `Bearer ${bearer}` };
  const as = (method: string, path: string) => call(method, `/app/${app}${path}`, undefined, own);
  expect((await as("GET", `/attempt/endpoint/${endpoint}`)).body.data).toHaveLength(1);
  expect((await as("GET", `/endpoint/${endpoint}/stats`)).status).toBe(200);
  expect(await as("DELETE", `/msg/${message}/attempt/${made.id}/content`)).toMatchObject({
    status: 403,
    body: { code: "insufficient access" },
  });
  expect(await as("POST", `/msg/${message}/endpoint/${endpoint}/resend`)).toMatchObject({ status: 202, body: {} });
  await attemptsOf(message, 2);
});
