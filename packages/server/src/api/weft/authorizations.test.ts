import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ConfigError, readConfig } from "../../config/config.ts";
import { assembleWeft } from "../../main.ts";
import { clientId, clientSecret, TestProvider } from "../../sync/fixtures/test-provider.ts";
import { type HttpResponse, RunningWeft } from "../fixtures/running-weft.ts";

let weft: RunningWeft;
let provider: TestProvider;
let collection: string;

beforeAll(async () => {
  weft = await RunningWeft.start();
  provider = await TestProvider.start(`${weft.url}/source-connections/callback`);
  collection = (await weft.post("/collections", { name: "Docs" })).body.readable_id;
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

afterEach(() => {
  provider.decision = "grant";
});

const ownClient = { client_id: clientId, client_secret: clientSecret };

function create(changes: object = {}): Promise<HttpResponse> {
  return weft.post("/source-connections", {
    short_name: "oauth-stub",
    readable_collection_id: collection,
    config: provider.config,
    authentication: ownClient,
    ...changes,
  });
}

/** Follows an auth_url to the provider, without a key, and returns where the provider redirects the browser. */
async function visit(authUrl: string): Promise<string> {
  const opened = await fetch(authUrl, { redirect: "manual" });
  expect(opened.status).toBe(303);
  expect(opened.headers.get("cache-control")).toBe("no-store");
  expect(opened.headers.get("referrer-policy")).toBe("no-referrer");
  const back = await provider.browse(opened.headers.get("location") ?? "");
  expect(back.origin + back.pathname).toBe(`${weft.url}/source-connections/callback`);
  return back.pathname + back.search;
}

async function until(path: string, done: (body: HttpResponse["body"]) => boolean): Promise<HttpResponse["body"]> {
  await expect.poll(async () => done((await weft.get(path)).body), { timeout: 30_000 }).toBe(true);
  return (await weft.get(path)).body;
}

test("a browser authorizes a connection, returns to the creator's URL, and the first sync runs", async () => {
  const made = await create({ redirect_url: "https://app.example.com/done?tab=2#top", sync_immediately: true });
  expect(made).toMatchObject({
    status: 200,
    body: {
      status: "pending_auth",
      sync_id: null,
      auth: {
        method: "oauth_browser",
        authenticated: false,
        authenticated_at: null,
        expires_at: null,
        auth_url: expect.stringMatching(`^${weft.url}/source-connections/authorize/[\\w-]{20,}$`),
        redirect_url: "https://app.example.com/done?tab=2#top",
        claim_token: expect.stringMatching(/^[\w-]{43}$/),
      },
    },
  });
  const { id, auth } = made.body;
  expect(Date.parse(auth.auth_url_expires) - Date.now()).toBeLessThanOrEqual(300_000);
  const path = await visit(auth.auth_url);
  const callback = await weft.get(`/v1${path}`);
  expect([callback.status, callback.text, callback.headers.get("location")]).toEqual([
    303,
    "",
    `https://app.example.com/done?tab=2&status=success&source_connection_id=${id}#top`,
  ]);
  const synced = await until(`/source-connections/${id}`, ({ status }) => status === "active");
  expect(synced).toMatchObject({
    auth: { authenticated: true, auth_url: null, auth_url_expires: null, redirect_url: null },
    sync: { successful_runs: 1 },
    entities: { total_entities: 2 },
  });
  expect(Date.parse(synced.auth.expires_at)).toBeGreaterThan(Date.parse(synced.auth.authenticated_at));
  const messages = (await weft.get("/webhooks/messages?event_types=source_connection.auth_completed")).body;
  expect(messages[0].payload).toMatchObject({ source_connection_id: id, is_authenticated: true });
  expect(JSON.stringify([made.body, synced])).not.toContain(clientSecret);
});

test("a provider's response works once, an unknown one is not found, and neither needs or leaks a key", async () => {
  const { auth, id } = (await create()).body;
  expect((await fetch(auth.auth_url, { method: "HEAD", redirect: "manual" })).status).toBe(405);
  const path = await visit(auth.auth_url);
  expect((await fetch(weft.url + path, { method: "HEAD", redirect: "manual" })).status).toBe(404);
  const responses = await Promise.all([1, 2, 3].map(() => weft.get(path)));
  expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 400, 400]);
  expect(responses.find(({ status }) => status === 200)?.body).toEqual({
    status: "success",
    source_connection_id: id,
    error: null,
  });
  expect(await weft.get(path)).toMatchObject({ status: 400, body: { code: "authorization_used" } });
  expect(await weft.get("/source-connections/callback?state=x&code=y")).toMatchObject({ status: 404 });
  expect(await weft.get("/source-connections/callback")).toMatchObject({ status: 404 });
  expect(await weft.get("/source-connections/callback?state=x&state=y")).toMatchObject({ status: 422 });
  expect(await weft.get("/source-connections/authorize/x")).toMatchObject({ status: 404 });
  expect(await weft.get(new URL(auth.auth_url).pathname)).toMatchObject({ status: 400 });
});

test("a denial is reported at the redirect_url, or on Weft's own page without one", async () => {
  provider.decision = "deny";
  const created = (await create({ redirect_url: "http://localhost:3000/" })).body;
  const callback = await weft.get(await visit(created.auth.auth_url));
  expect(callback.headers.get("location")).toBe(
    `http://localhost:3000/?status=error&source_connection_id=${created.id}&error=access_denied`,
  );
  const silent = (await create()).body;
  expect(await weft.get(await visit(silent.auth.auth_url))).toMatchObject({
    status: 200,
    body: { status: "error", source_connection_id: silent.id, error: "access_denied" },
  });
  expect((await weft.get(`/source-connections/${silent.id}`)).body.status).toBe("pending_auth");
});

test("a change creates a new URL, and the previous one stops working", async () => {
  const { id, auth } = (await create()).body;
  const changed = await weft.patch(`/source-connections/${id}`, {
    authentication: ownClient,
    redirect_url: "https://app.example.com/again",
  });
  expect(changed.body.auth).toMatchObject({ redirect_url: "https://app.example.com/again" });
  expect(changed.body.auth.auth_url).not.toBe(auth.auth_url);
  expect(await weft.get(new URL(auth.auth_url).pathname)).toMatchObject({ status: 404 });
  const callback = await weft.get(await visit(changed.body.auth.auth_url));
  expect(callback.headers.get("location")).toContain("/again?status=success");
});

test("the claim token is in the responses of a create and of reinitiate-oauth alone, and verify-oauth accepts it once", async () => {
  const made = (await create()).body;
  const path = `/source-connections/${made.id}`;
  expect((await weft.get(path)).body.auth.claim_token).toBeNull();
  expect(await weft.get(`${path}/jobs`)).toMatchObject({
    status: 404,
    body: { detail: "No sync found for this source connection" },
  });
  const again = await weft.post(`${path}/reinitiate-oauth`, undefined);
  const { auth_url, claim_token } = again.body.auth;
  expect([again.status, claim_token === made.auth.claim_token]).toEqual([200, false]);
  await weft.get(await visit(auth_url));
  const verify = (body: object) => weft.post(`${path}/verify-oauth`, body);
  expect(await verify({ claim_token: made.auth.claim_token })).toMatchObject({
    status: 403,
    body: { detail: "Invalid claim token" },
  });
  expect(await verify({})).toMatchObject({ status: 422 });
  const verified = await verify({ claim_token });
  expect(verified).toMatchObject({
    status: 200,
    body: { id: made.id, auth: { authenticated: true, claim_token: null } },
  });
  expect(await verify({ claim_token })).toMatchObject({
    status: 400,
    body: { detail: "OAuth session is completed, expected in_progress." },
  });
  expect(await weft.post(`${path}/reinitiate-oauth`, {})).toMatchObject({
    status: 400,
    body: { detail: "Connection is already authenticated" },
  });
  await until(path, ({ status }) => status === "active");
});

test("given tokens authenticate immediately, are used by syncs, and are never shown", async () => {
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const authentication = { access_token: "a-given-token", refresh_token: "a-given-refresh", expires_at };
  const made = await create({ authentication });
  expect(made.body).toMatchObject({
    status: "syncing",
    auth: { method: "oauth_token", authenticated: true, expires_at, auth_url: null },
  });
  const failed = await until(`/source-connections/${made.body.id}`, ({ status }) => status === "error");
  expect(failed.error_message).toContain("no client at the provider");
  expect(JSON.stringify([made.body, failed])).not.toContain("a-given");
});

test("an impossible authorization is refused, with the location of the mistake", async () => {
  const refused = async (changes: object) => {
    const { status, body } = await create(changes);
    return [status, body.errors?.[0]?.loc.join(".")];
  };
  expect(await refused({ authentication: null })).toEqual([400, undefined]);
  expect(await refused({ authentication: { credentials: {} } })).toEqual([400, undefined]);
  expect(await refused({ authentication: { consumer_key: "k", consumer_secret: "s" } })).toEqual([400, undefined]);
  expect(await refused({ authentication: { client_secret: "s" } })).toEqual([422, "body.authentication.client_id"]);
  for (const url of ["javascript:alert(1)", "/done", "ftp://example.com", ""]) {
    expect(await refused({ redirect_url: url }), url).toEqual([422, "body.redirect_url"]);
  }
  expect(await refused({ config: { ...provider.config, token_url: "file:///etc/passwd" } })).toEqual([
    422,
    "body.config.token_url",
  ]);
  expect((await weft.get("/sources/oauth-stub")).body).toMatchObject({
    auth_methods: ["oauth_token", "oauth_browser"],
    oauth_type: "with_refresh",
    requires_byoc: true,
  });
});

test("a provider at a blocked address gets no request", async () => {
  await using guarded = await RunningWeft.start({ WEFT_ALLOW_NETWORKS: "10.0.0.0/8" });
  await using own = await TestProvider.start(`${guarded.url}/source-connections/callback`);
  const { readable_id } = (await guarded.post("/collections", { name: "Docs" })).body;
  const made = await guarded.post("/source-connections", {
    short_name: "oauth-stub",
    readable_collection_id: readable_id,
    config: own.config,
    authentication: ownClient,
  });
  const opened = await guarded.get(new URL(made.body.auth.auth_url).pathname);
  const back = await own.browse(opened.headers.get("location") ?? "");
  expect((await guarded.get(back.pathname + back.search)).body).toMatchObject({ error: "provider_unavailable" });
  expect([...own.granted, ...own.refused]).toEqual([]);
});

test("browsers are redirected to the public URL if there is one, and a client that no source uses is refused", async () => {
  await using behind = await RunningWeft.start({ WEFT_PUBLIC_URL: "https://weft.example.com/sync/" });
  const { readable_id } = (await behind.post("/collections", { name: "Docs" })).body;
  const made = await behind.post("/source-connections", {
    short_name: "oauth-stub",
    readable_collection_id: readable_id,
    config: provider.config,
    authentication: ownClient,
  });
  const authUrl: string = made.body.auth.auth_url;
  expect(authUrl).toMatch(/^https:\/\/weft\.example\.com\/sync\/source-connections\/authorize\//);
  const opened = await behind.get(authUrl.replace("https://weft.example.com/sync", ""));
  expect(new URL(opened.headers.get("location") ?? "").searchParams.get("redirect_uri")).toBe(
    "https://weft.example.com/sync/source-connections/callback",
  );
  const clients = '{"oauth-stub": {"client_id": "c"}, "nothing": {"client_id": "c"}, "github": {"client_id": "c"}}';
  const config = readConfig("dev", { WEFT_OAUTH_CLIENTS: clients, WEFT_DATABASE_URL: `sqlite:${behind.folder}/2.db` });
  const refused = await assembleWeft(config, { command: "a test", logFormat: "json" }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConfigError);
  expect((refused as ConfigError).mistakes).toHaveLength(2);
});
