import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { adminKey, jwtSecret, organizationToken, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import { TestDatabases } from "../store/postgres/fixtures/test-databases.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const settings = {
  SQLite: async () => ({}),
  PostgreSQL: async () => ({
    WEFT_DATABASE_URL: await databases.fresh(),
    WEFT_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  }),
};

interface TestResponse {
  readonly status: number;
  readonly text: string;
}

// Uses node:http, which sends paths and bodies unchanged.
function send(
  weft: RunningWeft,
  method: string,
  path: string,
  text: string | Buffer | null,
  headers: Record<string, string>,
): Promise<TestResponse> {
  const { hostname, port } = new URL(weft.url);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
    call.on("error", reject);
    call.end(text ?? undefined);
  });
}

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  let token: string;
  let app: string;
  beforeAll(async () => {
    weft = await startWeft(await settings[database]());
    token = await organizationToken();
    app = (JSON.parse((await svix("POST", "/app", '{"name":"Acme"}')).text) as { id: string }).id;
    await svix("POST", `/app/${app}/endpoint`, '{"url":"http://127.0.0.1:1/","uid":"mine"}');
    await publish("{}");
  });
  afterAll(() => weft[Symbol.asyncDispose]());

  function svix(method: string, path: string, text: string | Buffer | null = null, authorization = `Bearer ${token}`) {
    return send(weft, method, `/api/v1${path}`, text, { authorization, "content-type": "application/json" });
  }

  function v1(method: string, path: string, text: string | null = null) {
    return send(weft, method, `/v1${path}`, text, { "x-api-key": adminKey, "content-type": "application/json" });
  }

  const publish = (payload: string, more = "") =>
    svix("POST", `/app/${app}/msg`, `{"eventType":"a.b"${more},"payload":${payload}}`);

  test.each([
    ["digits beyond 2^53 and doubles", '{ "a" : 12345678901234567890,"b":1e400, "c":-0 ,"d":0.10000000000000000555}'],
    ["the same key twice", '{"a":1,"a":2,"b":{"x":1,"x":9007199254740993}}'],
    ["escaped NUL and lone surrogates", String.raw`{"a":"\u0000","b":"\udc00\ud800"}`],
    ["five hundred levels", `{"a":${"[".repeat(500)}${"]".repeat(500)}}`],
    ["a key that objects have by nature", '{"__proto__":{"a":1},"constructor":null}'],
  ])("a payload with %s is kept byte for byte", async (_, payload) => {
    const accepted = await publish(payload);
    expect(accepted.status).toBe(202);
    const { id } = JSON.parse(accepted.text) as { id: string };
    expect((await svix("GET", `/app/${app}/msg/${id}`)).text).toContain(`"payload":${payload}}`);
  });

  test.each([
    ["a payload that is no object", '{"eventType":"a.b","payload":[1]}', 422],
    ["a raw NUL in a text", '{"eventType":"a.b","payload":{"a":"\0"}}', 422],
    ["bytes that are no UTF-8", Buffer.from('{"eventType":"a.b","payload":{"a":"\xff"}}', "latin1"), 422],
    ["a body that is cut off", '{"eventType":"a.b","payload":{', 422],
    ["a payload beyond 256 KiB", `{"eventType":"a.b","payload":{"a":"${"x".repeat(256 * 1024)}"}}`, 413],
    ["a body beyond 2 MiB", `{"eventType":"a.b","payload":{"a":"${"x".repeat(2 * 1024 * 1024)}"}}`, 413],
    ["half a character in a tag", String.raw`{"eventType":"a.b","payload":{},"tags":["\ud800"]}`, 422],
    ["NUL in a tag", String.raw`{"eventType":"a.b","payload":{},"tags":["\u0000"]}`, 422],
    ["NUL in an event id", String.raw`{"eventType":"a.b","payload":{},"eventId":"\u0000"}`, 422],
    ["a channel in other letters", '{"eventType":"a.b","payload":{},"channels":["ü"]}', 422],
    ["a line break in a media type", withHeader(String.raw`a\r\nb: c`), 422],
  ])("a message with %s is refused, and nothing is stored", async (_, text, status) => {
    const before = await svix("GET", `/app/${app}/msg?limit=250&with_content=false`);
    const refused = await svix("POST", `/app/${app}/msg`, text);
    expect(refused.status).toBe(status);
    expect(JSON.parse(refused.text)).toHaveProperty("detail");
    expect((await svix("GET", `/app/${app}/msg?limit=250&with_content=false`)).text).toBe(before.text);
  });

  test.each([
    ["POST", "/app", String.raw`{"name":"a\ud800b"}`],
    ["POST", "/app", String.raw`{"name":"a","metadata":{"a":"\ud800"}}`],
    ["POST", "/app", String.raw`{"name":"a","metadata":{"\u0000":"b"}}`],
    ["POST", "/app", "[]"],
    ["POST", "/app", "null"],
    ["POST", "/app", ""],
    ["POST", "/app/APP/endpoint", String.raw`{"url":"https://a\u0000b/"}`],
    ["POST", "/app/APP/endpoint", '{"url":"javascript:alert(1)"}'],
    ["POST", "/app/APP/endpoint", String.raw`{"url":"https://example.com","description":"\ud800"}`],
    ["POST", "/app/APP/endpoint", String.raw`{"url":"https://example.com","headers":{"a":"b\r\nc: d"}}`],
    ["POST", "/app/APP/endpoint", String.raw`{"url":"https://example.com","filterTypes":["\ud800"]}`],
    ["POST", "/app/APP/endpoint", `{"url":"https://example.com","secret":"whsec_${"A".repeat(104)}"}`],
    ["POST", "/app/APP/endpoint", `{"url":"https://example.com","secret":"whsec_${"A".repeat(32)} "}`],
    ["POST", "/app/APP/endpoint", `{"url":"https://example.com","secret":" whsec_${"A".repeat(32)}"}`],
    ["POST", "/event-type", String.raw`{"name":"a\u0000","description":""}`],
    ["POST", "/event-type", '{"name":"a.b","description":"","schemas":{"1":{"$ref":"http://169.254.169.254/"}}}'],
    ["GET", "/app?iterator=app_zzzzzzzzzzzzzzzzzzzzzz", null],
    ["GET", "/app?iterator=-", null],
    ["GET", "/app/APP/msg?iterator=%00", null],
    ["GET", "/app/APP/endpoint?iterator=msg_0353PxjwKqucNMooFys0CD", null],
    ["GET", "/app/APP/msg?before=yesterday", null],
  ])("Svix' API: %s %s %s is a 422", async (method, path, text) => {
    const refused = await svix(method, path.replace("APP", app), text);
    expect(refused.status, refused.text).toBe(422);
    expect(JSON.parse(refused.text)).toMatchObject({ detail: [{ loc: expect.any(Array), msg: expect.any(String) }] });
  });

  test.each([
    "/app/%00",
    "/app/app_zzzzzzzzzzzzzzzzzzzzzz",
    "/app/../../etc/passwd",
    "/app/APP/msg/%00",
    "/app/APP/endpoint/%F0%9F%92%A5",
  ])("%s names nothing that exists", async (path) => {
    expect((await svix("GET", path.replace("APP", app))).status).toBe(404);
  });

  test.each([
    "/app/APP/msg?tag=%00",
    "/app/APP/msg?tag=%ED%A0%80",
    "/app/APP/msg?before=0001-01-01T00:00:00Z&after=9999-12-31T23:59:59Z",
    "/app/APP/attempt/endpoint/mine?tag=%00",
  ])("a list with an impossible filter, %s, is empty", async (path) => {
    const listed = await svix("GET", path.replace("APP", app));
    expect([listed.status, listed.text]).toEqual([200, expect.stringContaining('"data":[]')]);
  });

  test.each([
    "/app/APP/msg?channel=%00&tag=%00",
    "/app/APP/msg?event_types=a.b%00,a.b%ED%A0%80&channel=%00",
    "/app/APP/attempt/endpoint/mine?event_types=%00&event_types=%ED%A0%80&tag=%00",
    "/app/APP/endpoint/mine/msg?event_types=%00,%ED%A0%80&channel=%00",
  ])("a filter with a name that nothing can have, %s, is a 422", async (path) => {
    expect((await svix("GET", path.replace("APP", app))).status).toBe(422);
  });

  test("a path that is not valid text, and a very long one, are refused", async () => {
    for (const path of ["/app/%zz", `/app/${"a".repeat(5_000)}`]) expect((await svix("GET", path)).status).toBe(400);
  });

  test("tokens without or with another algorithm, without a subject, and expired ones are rejected", async () => {
    const claims = { sub: "org_weft", exp: 4_000_000_000 };
    const encoded = [{ alg: "none" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    const tokens = [`${encoded.join(".")}.`, `${encoded.join(".")}.AAAA`, "a.b.c", jwtSecret.replaceAll(" ", "")];
    for (const bad of tokens) {
      const refused = await svix("GET", "/app", null, `Bearer ${bad}`);
      expect([refused.status, JSON.parse(refused.text)], bad).toEqual([
        401,
        { code: "authentication_failed", detail: expect.any(String) },
      ]);
    }
  });

  test.each([
    ["/collections", String.raw`{"name":"Hand\u0000book"}`, ["name"]],
    ["/collections", String.raw`{"name":"Hand\ud800book"}`, ["name"]],
    ["/webhooks/subscriptions", subscription(String.raw`"description":"\u0000"`), ["description"]],
    ["/webhooks/subscriptions", subscription(String.raw`"filters":{"\u0000":["a"]}`), ["filters", "\0"]],
    ["/webhooks/subscriptions", subscription(String.raw`"filters":{"a":[1,"\ud800"]}`), ["filters", "a", 1]],
    ["/webhooks/subscriptions", subscription(String.raw`"headers":{"a":"\u0000"}`), ["headers", "a"]],
    ["/webhooks/subscriptions", String.raw`{"url":"https://a.b/\udc00","event_types":["*"]}`, ["url"]],
    ["/webhooks/subscriptions", String.raw`{"url":"https://a.b/","event_types":["*\ud800"]}`, ["event_types", 0]],
    ["/webhooks/subscriptions", subscription(String.raw`"destination":"slack","template":"\u0000"`), ["template"]],
    ["/events", String.raw`{"event_type":"\u0000","payload":{}}`, ["event_type"]],
    ["/events", event(String.raw`s\ud800`), ["event_id"]],
    ["/events", event(String.raw`s\udc00`), ["event_id"]],
    ["/events", event(String.raw`\u0000`), ["event_id"]],
    ["/events", `[${event("fine")},${event(String.raw`\udfff\ud800`)}]`, [1, "event_id"]],
    ["/organizations", String.raw`{"name":"\u0000"}`, ["name"]],
    ["/api-keys", String.raw`{"name":"a\ud800"}`, ["name"]],
    [
      "/source-connections",
      String.raw`{"short_name":"directory","readable_collection_id":"a","description":"\ud800"}`,
      ["description"],
    ],
  ])("Weft's own API: POST %s %s is refused with its location", async (path, text, location) => {
    const { status, text: reply } = await v1("POST", path, text);
    expect(status, reply).toBe(422);
    expect(JSON.parse(reply).errors[0].loc).toEqual(["body", ...location]);
  });

  test("whole characters of any plane are kept in an event's id", async () => {
    const id = "😀 \ufffd é";
    const accepted = await v1("POST", "/events", event(id));
    expect([accepted.status, JSON.parse(accepted.text).event_id], accepted.text).toEqual([200, id]);
    const found = await v1("GET", `/webhooks/messages?event_id=${encodeURIComponent(id)}`);
    expect(JSON.parse(found.text)).toHaveLength(1);
    expect((await v1("GET", "/webhooks/messages?event_id=%00")).status).toBe(422);
  });

  test("after all these requests, everything works", async () => {
    expect((await svix("GET", "/health")).status).toBe(200);
    expect((await publish("{}", ',"tags":["a"]')).status).toBe(202);
    expect((await svix("GET", `/app/${app}/msg?tag=a`)).text).toContain('"eventType":"a.b"');
  });
});

function withHeader(value: string): string {
  return `{"eventType":"a.b","payload":{},"transformationsParams":{"rawPayload":"x","headers":{"content-type":"${value}"}}}`;
}

function event(id: string): string {
  const payload =
    '{"event_type":"collection.updated","collection_id":"770e8400-e29b-41d4-a716-446655440002","collection_name":"A",' +
    '"collection_readable_id":"a-ab123","timestamp":"2026-01-15T14:30:00Z"}';
  return `{"event_type":"collection.updated","event_id":"${id}","payload":${payload}}`;
}

function subscription(more: string): string {
  return `{"url":"https://example.com","event_types":["*"],${more}}`;
}
