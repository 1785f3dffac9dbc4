import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { ProxyProgram, whyNoProxy } from "../../outbound/fixtures/proxy-program.ts";
import { clientId, clientSecret, machineId, TestProvider } from "../../sync/fixtures/test-provider.ts";
import { serveGit } from "../../sync/sources/git/fixtures/git-http-server.ts";
import { TestRepository } from "../../sync/sources/git/fixtures/test-repository.ts";
import { type HttpResponse, RunningWeft } from "../fixtures/running-weft.ts";

const missing = whyNoProxy("tinyproxy");

let weft: RunningWeft;
let proxy: ProxyProgram;
let receiver: Receiver;
let collection: string;

beforeAll(async () => {
  if (missing !== null) return;
  proxy = await ProxyProgram.start("tinyproxy", { user: "weft", password: "hush" });
  receiver = await Receiver.start();
  weft = await RunningWeft.start({
    WEFT_OUTBOUND_PROXY: `http://weft:hush@127.0.0.1:${proxy.port}`,
    WEFT_RETRY_SCHEDULE: "1ms",
  });
  collection = (await weft.post("/collections", { name: "Docs" })).body.readable_id;
});
beforeEach(({ skip }) => skip(missing !== null, missing ?? ""));
afterAll(async () => {
  if (missing !== null) return;
  await weft[Symbol.asyncDispose]();
  await Promise.all([receiver[Symbol.asyncDispose](), proxy[Symbol.asyncDispose]()]);
});

/** The requests for this port of loopback that the proxy has logged, without their credentials. */
function proxied(url: string): string[] {
  const { port } = new URL(url);
  return proxy.log.split("\n").filter((line) => line.includes("Request") && line.includes(`127.0.0.1:${port}`));
}

function connect(shortName: string, settings: object): Promise<HttpResponse> {
  return weft.post("/source-connections", { short_name: shortName, readable_collection_id: collection, ...settings });
}

async function endOfJob(id: string): Promise<HttpResponse["body"]> {
  return await until("the job has ended", async () => {
    const [job] = (await weft.get(`/source-connections/${id}/jobs`)).body;
    return ["completed", "failed"].includes(job?.status) && job;
  });
}

test("the check of an endpoint, its deliveries and an alert use the proxy", async () => {
  receiver.respond = status(200, {}, "ok");
  for (const destination of [{}, { destination: "slack" }]) {
    await using own = await Receiver.start();
    const url = own.url("/services/T0/B0/s3cr3t");
    const made = await weft.post("/webhooks/subscriptions", { event_types: ["sync.completed"], url, ...destination });
    expect(made.status).toBe(200);
    await weft.post(`/webhooks/subscriptions/${made.body.id}/test`, { event_type: "sync.completed" });
    await until("the message was delivered", () => own.received.length === 1);
    expect(own.received[0]?.headers).not.toHaveProperty("proxy-authorization");
    expect(proxied(url).length).toBeGreaterThan(0);
    await weft.delete(`/webhooks/subscriptions/${made.body.id}`);
  }
});

test("the requests of OAuth use the proxy", async () => {
  await using provider = await TestProvider.start(`${weft.url}/source-connections/callback`);
  const made = await connect("oauth-stub", {
    config: provider.config,
    authentication: { client_id: clientId, client_secret: clientSecret },
  });
  const opened = await weft.get(new URL(made.body.auth.auth_url).pathname);
  const back = await provider.browse(opened.headers.get("location") ?? "");
  expect((await weft.get(back.pathname + back.search)).body).toMatchObject({ status: "success" });
  expect(proxied(provider.config.token_url).length).toBeGreaterThan(0);
});

test("the requests for access tokens of receivers use the proxy", async () => {
  await using provider = await TestProvider.start();
  await using own = await Receiver.start();
  const { token_url } = provider.config;
  const client = { type: "oauth2", token_url, client_id: machineId, client_secret: clientSecret };
  const fields = { event_types: ["sync.completed"], url: own.url(), authentication: client };
  const { body } = await weft.post("/webhooks/subscriptions", fields);
  await weft.post(`/webhooks/subscriptions/${body.id}/test`, { event_type: "sync.completed" });
  await until("the message was delivered", () => own.received.length === 1);
  expect(own.received[0]?.headers.authorization).toMatch(/^Bearer \S{20,}$/);
  expect(provider.granted).toEqual(["client_credentials"]);
  expect(proxied(token_url).length).toBeGreaterThan(0);
  await weft.delete(`/webhooks/subscriptions/${body.id}`);
});

test("the source `web` uses the proxy", async () => {
  receiver.respond = (response, { path }) => {
    if (path === "/robots.txt") response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "text/html" }).end("<html><body>Herons wade.</body></html>");
  };
  const made = await connect("web", { config: { start_url: receiver.url("/") } });
  expect(await endOfJob(made.body.id)).toMatchObject({ status: "completed", entities_inserted: 1 });
  expect(proxied(receiver.url("/")).length).toBeGreaterThan(0);
});

test("the source `git` uses the proxy, and refuses addresses that cannot", async () => {
  using repository = new TestRepository();
  repository.commit({ "page.md": "Herons." });
  await using server = await serveGit(repository.root);
  const url = `http://127.0.0.1:${server.port}/docs%20repository`;
  const made = await connect("git", { config: { url }, authentication: { credentials: {} } });
  expect(await endOfJob(made.body.id)).toMatchObject({ status: "completed", entities_inserted: 1 });
  expect(proxied(url).length).toBeGreaterThan(0);

  const ssh = await connect("git", {
    config: { url: "ssh://git@127.0.0.1:9/docs.git", known_hosts: "127.0.0.1 ssh-ed25519 AAAA" },
    authentication: { credentials: {} },
  });
  expect(await endOfJob(ssh.body.id)).toMatchObject({
    status: "failed",
    error: expect.stringContaining("git over ssh does not use"),
  });
});

test("a proxy that fails is named in attempts, and the subscription stays healthy", async () => {
  await using dead = await ProxyProgram.start("tinyproxy");
  await using own = await RunningWeft.start({
    WEFT_OUTBOUND_PROXY: `http://weft:hush@127.0.0.1:${dead.port}`,
    WEFT_RETRY_SCHEDULE: "1ms,1ms,1ms",
  });
  receiver.respond = status(200);
  const made = await own.post("/webhooks/subscriptions", { event_types: ["sync.completed"], url: receiver.url() });
  expect(made.status).toBe(200);
  await dead[Symbol.asyncDispose]();
  const body = { event_types: ["sync.completed"], url: receiver.url("/unchecked") };
  const check = await own.post("/webhooks/subscriptions", body);
  expect([check.status, check.text]).toEqual([400, expect.stringContaining("outbound proxy")]);
  await own.post(`/webhooks/subscriptions/${made.body.id}/test`, { event_type: "sync.completed" });
  const [attempt] = await until("an attempt failed", async () => {
    const listed = (await own.get(`/webhooks/subscriptions/${made.body.id}/attempts`)).body;
    return listed.length > 0 && listed;
  });
  expect(attempt.error).toBe("proxy: The outbound proxy of this Weft could not be reached (ECONNREFUSED).");
  const after = (await own.get(`/webhooks/subscriptions/${made.body.id}`)).body;
  expect([after.health_status, after.disabled]).toEqual(["unknown", false]);
});
