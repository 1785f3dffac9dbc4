import { expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { limits } from "../../domain/limits.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const path = "/webhooks/subscriptions";
const zeros = "00000000-0000-0000-0000-000000000000";

test("a subscription is created, returned in the contract's shape, read, listed and deleted", async () => {
  const created = await subscribe({ event_types: ["sync.completed", "sync.failed", "sync.completed"] });
  expect(created).toMatchObject({
    status: 200,
    body: {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      url: used.receiver.url(),
      filter_types: ["sync.completed", "sync.failed"],
      disabled: false,
      disabled_reason: null,
      description: null,
      filters: null,
      health_status: "unknown",
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    },
  });
  const { id } = created.body;
  const detail = await used.weft.get(`${path}/${id}`);
  expect(detail.body).toEqual({ ...created.body, delivery_attempts: [], secret: null, secret_overlap_until: null });
  expect((await used.weft.get(path)).body.map((item: { id: string }) => item.id)).toContain(id);
  expect((await used.weft.delete(`${path}/${id}`)).body).toEqual(created.body);
  expect((await used.weft.get(`${path}/${id}`)).status).toBe(404);
  expect((await used.weft.delete(`${path}/${id}`)).status).toBe(404);
});

test("every route responds with and without /v1 and a trailing slash, without a redirect", async () => {
  const { id } = (await subscribe()).body;
  for (const prefix of ["", "/v1"]) {
    for (const slash of ["", "/"]) {
      expect((await used.weft.get(`${prefix}${path}${slash}`)).status).toBe(200);
      expect((await used.weft.get(`${prefix}${path}/${id}${slash}`)).status).toBe(200);
    }
  }
});

test("an id in the other spelling names the same subscription", async () => {
  const { id } = (await subscribe()).body;
  await used.weft.post("/events", completed());
  await until("it was received", () => used.receiver.received.length > 0);
  const svixId = used.receiver.received[0]?.id ?? "";
  expect(svixId).toMatch(/^msg_[0-9A-Za-z]{22}$/);
  const message = await used.weft.get(`/webhooks/messages/${svixId}?include_attempts=true`);
  expect(message.body.delivery_attempts.some((attempt: { endpoint_id: string }) => attempt.endpoint_id === id)).toBe(
    true,
  );
});

test.each([zeros, "not-an-id", "ep_zzzzzzzzzzzzzzzzzzzzzz", "%00", "a".repeat(500)])(
  "the id %s is a 404, not a 422",
  async (id) => {
    expect((await used.weft.get(`${path}/${id}`)).status).toBe(404);
    expect((await used.weft.patch(`${path}/${id}`, {})).status).toBe(404);
    expect((await used.weft.get(`/webhooks/messages/${id}`)).status).toBe(404);
  },
);

const privateKey = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";

test("a subscription that signs with Ed25519 shows its public key, never the private one", async () => {
  for (const given of [{ secret: privateKey }, { secret: privateKey, signature_type: "v1a" }]) {
    const { id } = (await subscribe(given)).body;
    const shown = await used.weft.get(`${path}/${id}?include_secret=true`);
    expect(shown.body.secret).toBe(publicKey);
    expect(shown.text).not.toContain("whsk_");
  }
  const shown = [];
  for (let i = 0; i < 2; i++) {
    const { id } = (await subscribe({ signature_type: "v1a" })).body;
    shown.push((await used.weft.get(`${path}/${id}?include_secret=true`)).body.secret);
  }
  expect(shown).toEqual([expect.stringMatching(/^whpk_.{43}=$/), expect.stringMatching(/^whpk_.{43}=$/)]);
  expect(shown[0]).not.toBe(shown[1]);
});

test("a generated secret has 24 random bytes and belongs to one subscription", async () => {
  const shown = [];
  for (const more of [{}, { signature_type: "v1" }, { secret: null, signature_type: null }]) {
    const { id } = (await subscribe(more)).body;
    shown.push((await used.weft.get(`${path}/${id}?include_secret=true`)).body.secret);
  }
  for (const secret of shown) expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
  expect(new Set(shown).size).toBe(shown.length);
});

test("a secret of one's own is returned in the form that verifies, and the example of the documents works", async () => {
  const documented = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
  const { id } = (await subscribe({ secret: documented })).body;
  expect((await used.weft.get(`${path}/${id}?include_secret=true`)).body.secret).toBe(documented);
  const plain = "a passphrase of my own, long enough";
  const own = (await subscribe({ secret: plain })).body.id;
  const shown = (await used.weft.get(`${path}/${own}?include_secret=true`)).body.secret;
  expect(Buffer.from(shown.slice("whsec_".length), "base64").toString()).toBe(plain);
});

test.each([
  ["a URL that is none", { url: "hook" }, "url"],
  ["a URL of another scheme", { url: "ftp://example.com/" }, "url"],
  ["a URL with credentials", { url: "https://user:pw@example.com/" }, "url"],
  ["a URL that is too long", { url: `https://example.com/${"x".repeat(limits.urlLengthMax)}` }, "url"],
  ["no event type", { event_types: [] }, "event_types"],
  ["an unknown event type", { event_types: ["sync.finished"] }, "event_types"],
  ["a wildcard over nothing", { event_types: ["synced.*"] }, "event_types"],
  ["a short secret", { secret: "too short" }, "secret"],
  ["a secret that is no base64", { secret: "whsec_!!!!!!!!!!!!!!!!!!!!!!!!" }, "secret"],
  ["a secret that is too long", { secret: `whsec_${Buffer.alloc(76).toString("base64")}` }, "secret"],
  ["a secret of 15 bytes", { secret: `whsec_${Buffer.alloc(15).toString("base64")}` }, "secret"],
  ["a public key, which cannot sign", { secret: publicKey }, "secret"],
  ["a private key that was cut", { secret: privateKey.slice(0, 60) }, "secret"],
  ["a private key of two halves", { secret: `whsk_${Buffer.alloc(64, 7).toString("base64")}` }, "secret"],
  ["a private key that should sign v1", { secret: privateKey, signature_type: "v1" }, "signature_type"],
  ["a secret with a space behind it", { secret: `${"x".repeat(30)} ` }, "secret"],
  ["a secret in base64 with a line break behind it", { secret: `whsec_${"A".repeat(32)}\n` }, "secret"],
  ["a private key with a space behind it", { secret: `${privateKey} ` }, "secret"],
  ["a secret that should sign v1a", { secret: "x".repeat(30), signature_type: "v1a" }, "signature_type"],
  ["a signature type that is none", { signature_type: "v2" }, "signature_type"],
  ["a reserved header", { headers: { "svix-id": "x" } }, "headers"],
  ["a header with a line break", { headers: { "x-a": "b\r\nc: d" } }, "headers"],
  ["an empty filter", { filters: { source_type: [] } }, "filters"],
  ["an unknown field", { filter_types: [] }, "filter_types"],
  ["a retry schedule of years", { retry_schedule: [10 ** 9] }, "retry_schedule"],
])("%s is a 422 with a location, and nothing is stored", async (_, more, field) => {
  const before = (await used.weft.get(`${path}?limit=250`)).body.length;
  const refused = await subscribe(more);
  expect(refused.status).toBe(422);
  expect(refused.body.errors[0].loc.slice(0, 2)).toEqual(["body", field]);
  expect((await used.weft.get(`${path}?limit=250`)).body).toHaveLength(before);
});

test("an unreachable endpoint and a blocked address are a 400 with the same sentence", async () => {
  const sentence = "Could not connect to endpoint. Please check the URL is correct and the server is running.";
  await using gone = await Receiver.start();
  const url = gone.url();
  await gone[Symbol.asyncDispose]();
  for (const unreachable of [
    url,
    "http://10.0.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:10.0.0.1]/",
  ]) {
    const refused = await subscribe({ url: unreachable });
    expect(refused, unreachable).toMatchObject({ status: 400, body: { detail: sentence } });
  }
});

test("any status of the HEAD request is accepted, and exactly one request is sent", async () => {
  used.receiver.respond = status(500);
  const before = used.receiver.checks;
  expect((await subscribe()).status).toBe(200);
  expect(used.receiver.checks).toBe(before + 1);
});

test("a PATCH changes only the fields that it contains, {} changes nothing, and event types may be null or []", async () => {
  const made = (await subscribe({ description: "d", filters: { source_type: "github" }, retry_schedule: [1, 60] }))
    .body;
  expect(made.filters).toEqual({ source_type: ["github"] });
  const same = await used.weft.patch(`${path}/${made.id}`, {});
  expect(same).toMatchObject({ status: 200, body: made });
  const changed = await used.weft.patch(`${path}/${made.id}`, {
    description: null,
    event_types: ["collection.*"],
    filters: {},
  });
  expect(changed.body).toMatchObject({
    description: null,
    filter_types: ["collection.*"],
    filters: null,
    url: made.url,
    retry_schedule: [1, 60],
  });
  expect((await used.weft.patch(`${path}/${made.id}`, { event_types: [] })).status).toBe(422);
  expect((await used.weft.patch(`${path}/${made.id}`, { secret: "x".repeat(30) })).status).toBe(422);
});

test("creating twice under one Idempotency-Key creates once", async () => {
  const headers = { "idempotency-key": "create-1" };
  const body = { url: used.receiver.url("/once"), event_types: ["sync.completed"] };
  const first = await used.weft.post(path, body, { headers });
  const again = await used.weft.post(path, body, { headers });
  expect(again.body).toEqual(first.body);
  expect((await used.weft.post(path, { ...body, description: "x" }, { headers })).status).toBe(409);
  const failed = await used.weft.post(path, { ...body, url: "nope" }, { headers: { "idempotency-key": "create-2" } });
  expect(failed.status).toBe(422);
  expect((await used.weft.post(path, body, { headers: { "idempotency-key": "create-2" } })).status).toBe(200);
});

test("lists are plain arrays, newest first, with limits and a Link to the next page", async () => {
  await using other = await RunningWeft.start();
  const ids = [];
  for (let i = 0; i < 5; i++) ids.unshift((await other.post("/events", completed())).body.id);
  const first = await other.get("/v1/webhooks/messages?limit=2&event_types=sync.completed&event_types=sync.failed");
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  expect(next.startsWith("/v1/webhooks/messages?")).toBe(true);
  const second = await other.get(next);
  const third = await other.get(/<([^>]+)>/.exec(second.headers.get("link") ?? "")?.[1] ?? "");
  expect([first, second, third].flatMap(({ body }) => body.map((item: { id: string }) => item.id))).toEqual(ids);
  expect(third.headers.get("link")).toBeNull();
  expect((await other.get("/webhooks/messages?limit=251")).status).toBe(422);
  expect((await other.get("/webhooks/messages?limit=0")).status).toBe(422);
  expect((await other.get("/webhooks/messages?cursor=nonsense")).status).toBe(422);
  expect((await other.get("/webhooks/messages?unknown=1")).status).toBe(200);
  expect((await other.get("/webhooks/messages?since=2999-01-01T00:00:00Z")).body).toEqual([]);
});

test("a rate limit is set, changed and removed, and must be a whole number from 1 to 65,535", async () => {
  const { body } = await subscribe({ rate_limit: 5 });
  expect(body).toMatchObject({ rate_limit: 5, held_back: null });
  const one = `${path}/${body.id}`;
  expect((await used.weft.patch(one, { rate_limit: 65_535 })).body).toMatchObject({ rate_limit: 65_535 });
  expect((await used.weft.patch(one, { description: "the same" })).body).toMatchObject({ rate_limit: 65_535 });
  for (const wrong of [0, -1, 65_536, 1.5, "5"]) {
    expect((await used.weft.patch(one, { rate_limit: wrong })).status).toBe(422);
  }
  expect((await used.weft.patch(one, { rate_limit: null })).body).toMatchObject({ rate_limit: null });
  expect((await subscribe()).body).toMatchObject({ rate_limit: null });
});

test("subscriptions are searched by health and by status, and show their recent outcomes", async () => {
  const word = "findable";
  const healthy = (await subscribe({ url: used.receiver.url(`/${word}-one`) })).body.id;
  const unknown = (await subscribe({ description: `Two, ${word.toUpperCase()}`, event_types: ["sync.failed"] })).body
    .id;
  await used.weft.patch(`${path}/${unknown}`, { disabled: true });
  await used.weft.post(`${path}/${healthy}/test`, { event_type: "sync.completed" });
  const found = async (query: string) =>
    (await used.weft.get(`${path}?search=${word}&${query}`)).body.map(({ id }: { id: string }) => id);
  expect(await found("")).toEqual([unknown, healthy]);
  expect(await found("health=healthy")).toEqual([healthy]);
  expect(await found("health=unknown&status=disabled")).toEqual([unknown]);
  expect(await found("status=enabled")).toEqual([healthy]);
  const { body } = await used.weft.get(`${path}?search=${word}`);
  expect(body).toMatchObject([
    { last_attempt_at: null, success_rate: null },
    { last_attempt_at: expect.stringMatching(/Z$/), success_rate: 1 },
  ]);
  const first = await used.weft.get(`${path}?search=${word}&limit=1`);
  const next = /<(.+)>/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  expect((await used.weft.get(next)).body).toMatchObject([{ id: healthy }]);
  expect((await used.weft.get(`${path}?health=bad`)).status).toBe(422);
});

test("subscriptions are sorted by a value, page by page in both directions, and other cursors are refused", async () => {
  for (const name of ["b", "c", "a"]) await subscribe({ url: used.receiver.url(`/sorted-${name}`) });
  async function sorted(query: string): Promise<string[]> {
    const urls: string[] = [];
    let next: string | undefined = `${path}?search=sorted-&limit=2&${query}`;
    while (next !== undefined) {
      const page = await used.weft.get(next);
      urls.push(...page.body.map(({ url }: { url: string }) => url.slice(-1)));
      next = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
    }
    return urls;
  }
  expect(await sorted("sort=url")).toEqual(["a", "b", "c"]);
  expect(await sorted("sort=url&order=descending")).toEqual(["c", "b", "a"]);
  expect(await sorted("sort=health")).toEqual(["b", "c", "a"]);
  for (const cursor of ["x", zeros, `${zeros}`, `${zeros}.AA`, "ep_1.eA"]) {
    const refused = await used.weft.get(`${path}?sort=url&cursor=${encodeURIComponent(cursor)}`);
    expect([refused.status, refused.body.errors?.[0]?.loc], cursor).toEqual([422, ["query", "cursor"]]);
  }
  expect((await used.weft.get(`${path}?sort=secret`)).status).toBe(422);
});
