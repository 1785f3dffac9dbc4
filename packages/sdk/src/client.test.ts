import { describe, expect, expectTypeOf, test } from "vitest";
import { type ApiBehaviour, type LocalApi, localApi } from "./fixtures/local-api.ts";
import { type AcceptedEvent, createClient, jsonText, type Weft, WeftApiError, WeftConnectionError } from "./index.ts";

const busy: ApiBehaviour = { status: 503 };
const event = { event_type: "collection.created", payload: { collection_id: "c" } };

/** A client that records its waits instead of waiting. */
function clientOf(api: Pick<LocalApi, "url">, options: { retriesMax?: number } = {}): { weft: Weft; waits: number[] } {
  const waits: number[] = [];
  const weft = createClient({
    url: api.url,
    apiKey: "key",
    sleep: async (ms) => void waits.push(ms),
    ...options,
  });
  return { weft, waits };
}

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  );
}

describe("requests", () => {
  test("a call sends its path, body and key, and returns the body", async () => {
    await using api = await localApi({ body: { id: "s1" } });
    const { weft } = clientOf(api);
    const body = { url: "https://example.com/hook", event_types: ["sync.*"], secret: undefined };
    expect(await weft.webhooks.createSubscription(body)).toEqual({ id: "s1" });
    const [seen] = api.seen;
    expect(seen).toMatchObject({ method: "POST", url: "/v1/webhooks/subscriptions" });
    expect(seen?.headers).toMatchObject({ "x-api-key": "key", "content-type": "application/json" });
    expect(seen?.body).toBe('{"url":"https://example.com/hook","event_types":["sync.*"]}');
  });

  test("a payload given as text is sent unchanged, anywhere in the body, and a text that is not an object is refused", async () => {
    await using api = await localApi({ body: [] }, { body: {} });
    const { weft } = clientOf(api);
    const text = '{ "n":9007199254740993, "n":1.10 ,"s":"$& $1" }';
    await weft.events.publishEvents([event, { event_type: "a.b", payload: jsonText(text) }]);
    await weft.events.publishEvents({ event_type: "a.b", payload: jsonText(text) });
    expect(api.seen.map(({ body }) => body)).toEqual([
      `[${JSON.stringify(event)},{"event_type":"a.b","payload":${text}}]`,
      `{"event_type":"a.b","payload":${text}}`,
    ]);
    expect(JSON.stringify({ payload: jsonText('{"a":1.0}') })).toBe('{"payload":{"a":1}}');
    for (const wrong of ["[]", "null", "1", "{", ""]) expect(() => jsonText(wrong)).toThrow(SyntaxError);
  });

  test("a payload that is requested as text is the accepted text, with all its numbers", async () => {
    const text = '{ "n":9007199254740993, "m":1.10 ,"m":2 }';
    await using api = await localApi({ headers: { "content-type": "text/plain; charset=utf-8" }, body: text });
    expect(await clientOf(api).weft.webhooks.getMessagePayload("msg_1")).toBe(text);
  });

  test("a query contains booleans and repeated values, and leaves out undefined ones", async () => {
    await using api = await localApi({ body: [] });
    const { weft } = clientOf(api);
    await weft.webhooks.getSubscription("ep_1", { include_secret: true });
    await weft.webhooks.listMessages({ event_types: ["sync.failed", "a b"], limit: 5, status: undefined });
    expect(api.seen.map(({ url }) => url)).toEqual([
      "/v1/webhooks/subscriptions/ep_1?include_secret=true",
      "/v1/webhooks/messages?event_types=sync.failed&event_types=a+b&limit=5",
    ]);
  });

  test("a value of the path stays one part of the path, and an invalid id is not sent", async () => {
    await using api = await localApi();
    const { weft } = clientOf(api);
    await weft.webhooks.getMessage("a/b?c");
    expect(api.seen.map(({ url }) => url)).toEqual(["/v1/webhooks/messages/a%2Fb%3Fc"]);
    for (const id of ["", ".", ".."]) expect(() => weft.webhooks.deleteSubscription(id)).toThrow(TypeError);
    expect(api.seen).toHaveLength(1);
  });

  test("one event returns one message, and a list returns a list", async () => {
    await using api = await localApi({ body: { id: "m1" } }, { body: [{ id: "m2" }] });
    const { weft } = clientOf(api);
    const one = await weft.events.publishEvents(event);
    const many = await weft.events.publishEvents([event]);
    expectTypeOf(one).toEqualTypeOf<AcceptedEvent>();
    expectTypeOf(many).toEqualTypeOf<AcceptedEvent[]>();
    expect([one, many]).toEqual([{ id: "m1" }, [{ id: "m2" }]]);
  });

  test("the organization of the call takes precedence over that of the client", async () => {
    await using api = await localApi({ body: [] });
    const weft = createClient({ url: api.url, organizationId: "client's" });
    await weft.apiKeys.listApiKeys();
    await weft.apiKeys.listApiKeys({}, { organizationId: "call's" });
    expect(api.seen.map(({ headers }) => headers["x-organization-id"])).toEqual(["client's", "call's"]);
    expect(api.seen[0]?.headers).not.toHaveProperty("x-api-key");
  });

  test("the address may end in a slash or in /v1, and may have a path", async () => {
    await using api = await localApi();
    for (const end of ["/", "/v1", "/v1/", "/weft/v1/"]) {
      await clientOf({ url: `${api.url}${end}` }).weft.process.getHealth();
    }
    expect(api.seen.map(({ url }) => url)).toEqual(["/v1/health", "/v1/health", "/v1/health", "/weft/v1/health"]);
  });

  test("an address that is not http is refused before anything is sent", () => {
    for (const url of ["", "127.0.0.1:8001", "ftp://example.com"])
      expect(() => createClient({ url })).toThrow(TypeError);
  });

  test("metrics are text", async () => {
    await using api = await localApi({ headers: { "content-type": "text/plain; version=0.0.4" }, body: "up 1\n" });
    expect(await clientOf(api).weft.process.getMetrics()).toBe("up 1\n");
  });
});

describe("errors", () => {
  test("an error has the status, code, sentence, mistakes and request id", async () => {
    const mistakes = [{ loc: ["body", "url"], msg: "This is no URL.", type: "url" }];
    await using api = await localApi({
      status: 422,
      body: { detail: "body.url: This is no URL.", code: "validation_failed", errors: mistakes, request_id: "r1" },
    });
    const error = await errorOf(clientOf(api).weft.webhooks.sendTestEvent("ep_1", { event_type: "x" }));
    expect(error).toBeInstanceOf(WeftApiError);
    expect(error).toMatchObject({
      status: 422,
      code: "validation_failed",
      detail: "body.url: This is no URL.",
      errors: mistakes,
      requestId: "r1",
    });
    expect(api.seen).toHaveLength(1);
  });

  test("the page of a proxy is an error without Weft's fields, even with a success status", async () => {
    await using api = await localApi(
      { status: 404, headers: { "content-type": "text/html", "x-request-id": "p1" }, body: "<html>" },
      { headers: { "content-type": "text/html" }, body: "<html>" },
    );
    const { weft } = clientOf(api);
    expect(await errorOf(weft.webhooks.listMessages())).toMatchObject({
      status: 404,
      code: "unknown",
      errors: [],
      requestId: "p1",
    });
    expect(await errorOf(weft.webhooks.listMessages())).toMatchObject({ status: 200, code: "unknown" });
  });

  test("a redirect is not followed, so the key is sent to no other server", async () => {
    await using other = await localApi();
    await using api = await localApi({ status: 307, headers: { location: `${other.url}/x` } });
    const error = await errorOf(clientOf(api).weft.events.publishEvents(event));
    expect(error).toMatchObject({ status: 307, detail: expect.stringContaining(`${other.url}/x`) });
    expect(other.seen).toEqual([]);
  });

  test("if no server listens, the error says so after every try", async () => {
    const closed = await localApi();
    await closed[Symbol.asyncDispose]();
    const { weft, waits } = clientOf(closed);
    const error = await errorOf(weft.webhooks.listMessages());
    expect(error).toBeInstanceOf(WeftConnectionError);
    expect(error).toMatchObject({ reason: "network", message: expect.stringContaining(closed.url) });
    expect(waits).toHaveLength(3);
  });

  test("a server that does not respond in time causes a distinct error", async () => {
    await using api = await localApi("hang");
    const { weft, waits } = clientOf(api, { retriesMax: 1 });
    const error = await errorOf(weft.webhooks.listMessages({}, { timeoutMs: 20 }));
    expect(error).toMatchObject({ name: "WeftConnectionError", reason: "timeout" });
    expect(waits).toHaveLength(1);
  });
});

describe("tries", () => {
  test.each<[string, ApiBehaviour]>([
    ["408", { status: 408 }],
    ["429", { status: 429 }],
    ["500", { status: 500 }],
    ["503", busy],
    ["a broken connection", "break"],
    ["a first try still under way", { status: 409, body: { code: "idempotency_in_progress" } }],
  ])("after %s a POST is sent again under the same key, and its answer counts", async (_, response) => {
    await using api = await localApi(response, response, { body: { id: "m1" } });
    const { weft, waits } = clientOf(api);
    expect(await weft.events.publishEvents(event)).toEqual({ id: "m1" });
    const keys = new Set(api.seen.map(({ headers }) => headers["idempotency-key"]));
    expect([api.seen.length, keys.size, waits.length]).toEqual([3, 1, 2]);
    expect([...keys][0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("two calls have two keys, a given key is used as it is, and a GET has none", async () => {
    await using api = await localApi({ body: [] });
    const { weft } = clientOf(api);
    await weft.events.publishEvents(event);
    await weft.events.publishEvents(event);
    await weft.events.publishEvents(event, { idempotencyKey: "mine" });
    await weft.webhooks.listMessages();
    const [first, second, third, get] = api.seen.map(({ headers }) => headers["idempotency-key"]);
    expect(first).not.toBe(second);
    expect([third, get]).toEqual(["mine", undefined]);
  });

  test.each([400, 401, 403, 404, 409, 413, 422])("%i is final", async (status) => {
    await using api = await localApi({ status });
    expect(await errorOf(clientOf(api).weft.events.publishEvents(event))).toMatchObject({ status });
    expect(api.seen).toHaveLength(1);
  });

  test("after the last try the response becomes the error", async () => {
    await using api = await localApi(busy);
    expect(await errorOf(clientOf(api).weft.webhooks.listMessages())).toMatchObject({ status: 503 });
    expect(api.seen).toHaveLength(4);
    expect(await errorOf(clientOf(api, { retriesMax: 0 }).weft.webhooks.listMessages())).toMatchObject({ status: 503 });
    expect(api.seen).toHaveLength(5);
  });

  test("Retry-After is waited for", async () => {
    await using api = await localApi({ status: 429, headers: { "retry-after": "7" } }, { body: [] });
    const { weft, waits } = clientOf(api);
    await weft.webhooks.listMessages();
    expect(waits).toEqual([7_000]);
  });

  test("a request is not retried when the server asks for more than a minute", async () => {
    await using api = await localApi({ status: 429, headers: { "retry-after": "3600" } });
    const { weft, waits } = clientOf(api);
    expect(await errorOf(weft.webhooks.listMessages())).toMatchObject({ status: 429 });
    expect(waits).toEqual([]);
  });

  test("the caller's signal ends a running request, and its reason is the error", async () => {
    await using api = await localApi("hang");
    const caller = new AbortController();
    const call = errorOf(clientOf(api).weft.webhooks.listMessages({}, { signal: caller.signal }));
    while (api.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    caller.abort(new Error("enough"));
    expect(await call).toMatchObject({ message: "enough" });
    expect(api.seen).toHaveLength(1);
  });

  test("the caller's signal ends a wait between tries", async () => {
    await using api = await localApi({ status: 429, headers: { "retry-after": "60" } });
    const caller = new AbortController();
    const weft = createClient({ url: api.url });
    const call = errorOf(weft.webhooks.listMessages({}, { signal: caller.signal }));
    while (api.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    caller.abort(new Error("enough"));
    expect(await call).toMatchObject({ message: "enough" });
  });
});

describe("lists", () => {
  test("a page has the cursor of the next one", async () => {
    await using api = await localApi(more, { body: [{ id: 3 }] });
    const { webhooks } = clientOf(api).weft;
    expect(await webhooks.listMessages({ limit: 2 })).toEqual({ items: [{ id: 1 }, { id: 2 }], nextCursor: "c2" });
    expect(await webhooks.listMessages({ limit: 2, cursor: "c2" })).toEqual({ items: [{ id: 3 }], nextCursor: null });
  });

  const more = {
    headers: { link: '</v1/webhooks/messages?limit=2&cursor=c2>; rel="next"' },
    body: [{ id: 1 }, { id: 2 }],
  };

  test("an iterator yields every item of every page", async () => {
    await using api = await localApi(more, { body: [{ id: 3 }] });
    const { weft } = clientOf(api);
    const items: unknown[] = [];
    for await (const item of weft.webhooks.eachMessage({ limit: 2, event_types: ["sync.*"] })) items.push(item);
    expect(items).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(api.seen.map(({ url }) => url)).toEqual([
      "/v1/webhooks/messages?limit=2&event_types=sync.*",
      "/v1/webhooks/messages?limit=2&event_types=sync.*&cursor=c2",
    ]);
  });

  test("a page is not requested before it is needed", async () => {
    await using api = await localApi(more);
    for await (const _ of clientOf(api).weft.webhooks.eachMessage()) break;
    expect(api.seen).toHaveLength(1);
  });
});
