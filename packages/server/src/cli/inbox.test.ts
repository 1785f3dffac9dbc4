import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { signedHeaders } from "@weft/receiver";
import { createClient } from "@weft/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningCommand, runWeft, startCommand, startWeft, temporaryFolder } from "./fixtures/weft-process.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
let inbox: RunningCommand;
let url: string;

beforeAll(async () => {
  inbox = startCommand(["inbox", "--port", "0", "--json"], { WEFT_SIGNING_SECRET: secret });
  url = String((await inbox.line(({ event }) => event === "listening")).url);
});

afterAll(() => inbox[Symbol.asyncDispose]());

function arrivedAt(path: string, from = inbox): Promise<Record<string, unknown>> {
  return from.line((line) => line.event === "arrived" && line.path === path);
}

async function post(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, { method: "POST", body: typeof body === "string" ? body : new Uint8Array(body), headers });
}

test("a received request is printed on one line, byte for byte, with its verdict", async () => {
  const body = '{"event_type": "sync.completed", "n": 12345678901234567890}';
  const headers = await signedHeaders(body, { id: "msg_1", timestamp: new Date(), secret });
  expect((await post("/verified?a=1", body, headers)).status).toBe(200);
  expect(await arrivedAt("/verified?a=1")).toMatchObject({
    ...{ method: "POST", body, event_type: "sync.completed", message_id: "msg_1", copy: 1, status: 200 },
    ...{ verifies: true, explanation: { findings: [] }, headers: expect.arrayContaining([["webhook-id", "msg_1"]]) },
  });
  await post("/changed", `${body}\n`, headers);
  expect(await arrivedAt("/changed")).toMatchObject({ copy: 2, verifies: false, finding: "body_changed" });
  await post("/binary", Buffer.from([0, 255]));
  expect(await arrivedAt("/binary")).toMatchObject({ body: null, body_base64: "AP8=", finding: "missing_header" });
});

test("a real Weft can send to it, and its requests verify", async () => {
  using folder = temporaryFolder();
  await using weft = await startWeft(["dev", "--data", folder.path]);
  const { webhooks } = createClient({ url: weft.url });
  await webhooks.createSubscription({ url: `${url}/from-weft`, event_types: ["sync.failed"], secret });
  await runWeft(["trigger", "sync.failed", "--url", weft.url]);
  const isEvent = (line: Record<string, unknown>) => line.path === "/from-weft" && line.method === "POST";
  expect(await inbox.line(isEvent)).toMatchObject({ event_type: "sync.failed", verifies: true });
  // Weft checked that the endpoint is reachable.
  expect(await inbox.line(({ method }) => method === "HEAD")).toMatchObject({ path: "/from-weft", verifies: null });
});

test("with --subscribe, the inbox verifies events of a running Weft, and deletes its subscription when it stops", async () => {
  using folder = temporaryFolder();
  await using weft = await startWeft(["dev", "--data", folder.path]);
  const { webhooks } = createClient({ url: weft.url });
  await using own = startCommand(["inbox", "--port", "0", "--json", "--url", weft.url, "--subscribe", "sync.*"]);
  const subscribed = await own.line(({ event }) => event === "subscribed");
  expect(subscribed).toMatchObject({ event_types: ["sync.*"], weft_url: weft.url });
  await runWeft(["trigger", "sync.failed", "--url", weft.url]);
  expect(await own.line(({ method }) => method === "POST")).toMatchObject({
    event_type: "sync.failed",
    verifies: true,
  });
  own.send("SIGINT");
  expect(await own.ended).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await webhooks.listSubscriptions({})).items).toEqual([]);
});

test("an inbox with --subscribe stops without an error after its Weft has stopped, and replaces its subscription later", async () => {
  using folder = temporaryFolder();
  await using first = await startWeft(["dev", "--data", folder.path]);
  await using own = startCommand(["inbox", "--port", "0", "--json", "--url", first.url, "--subscribe"]);
  const listening = await own.line(({ event }) => event === "listening");
  await own.line(({ event }) => event === "subscribed");
  first.send("SIGTERM");
  await first.ended;
  own.send("SIGINT");
  expect(await own.ended).toMatchObject({ exitCode: 0, stderr: "" });
  await using second = await startWeft(["dev", "--data", folder.path]);
  const samePort = new URL(String(listening.url)).port;
  await using again = startCommand(["inbox", "--port", samePort, "--json", "--url", second.url, "--subscribe"]);
  const { subscription_id: id } = await again.line(({ event }) => event === "subscribed");
  const { items: listed } = await createClient({ url: second.url }).webhooks.listSubscriptions({});
  expect(listed.map((subscription) => subscription.id)).toEqual([id]);
});

test("it responds as the command line says, and explains why a request does not verify", async () => {
  const args = ["inbox", "--port", "0", "--status", "503", "--body", '{"busy":true}', "--delay", "0.01"];
  await using own = startCommand([...args, "--secret", secret]);
  const page = await own.inOutput((output) => /Showing them at (\S+)/.exec(output)?.[1] ?? null);
  const reply = await fetch(new URL("/x\u202e", page), { method: "POST", body: "hello" });
  expect([reply.status, await reply.text()]).toEqual([503, '{"busy":true}']);
  expect(reply.headers.get("content-type")).toBe("application/json");
  await own.wrote("DOES NOT VERIFY  → 503\n  - The request lacks svix-id");
  own.send("SIGINT");
  expect(await own.ended).toMatchObject({ exitCode: 0, stderr: "" });
});

interface InboxReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** With headers that fetch would not send. */
function fetchFrom(path: string, headers: Record<string, string> = {}, method = "GET", body = ""): Promise<InboxReply> {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers }, async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
    });
    sent.on("error", reject).end(body);
  });
}

test("the page is strict: it loads no foreign content, cannot be framed, and no stored response is rendered as a page", async () => {
  const { status, headers } = await fetchFrom("/-/");
  expect(status).toBe(200);
  expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*frame-ancestors 'none'.*trusted-types/);
  expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "cross-origin-resource-policy": "same-origin" });
  const bin = await fetchFrom("/anything");
  expect(bin.headers).toMatchObject({
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
  });
});

test("foreign names that resolve to this machine get no data of the page", async () => {
  const port = new URL(url).port;
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "127.0.0.1.evil.example",
    "localhost@evil.example",
    "a/b",
  ]) {
    for (const path of ["/-/", "/-/events", "/-/arrivals/1", "/-/page.js"]) {
      expect((await fetchFrom(path, { host })).status, `${host} ${path}`).toBe(403);
    }
  }
  for (const host of ["localhost", `127.0.0.1:${port}`, "[::1]:80"])
    expect((await fetchFrom("/-/", { host })).status).toBe(200);
});

test("pages of other sites can neither read nor change anything", async () => {
  const json = { "content-type": "application/json" };
  const change = (headers: Record<string, string>) => fetchFrom("/-/answer", headers, "POST", '{"status":500}');
  const { host } = new URL(url);
  for (const headers of [
    { ...json, origin: "https://evil.example" },
    { ...json, origin: "null" },
    { ...json, origin: "http://127.0.0.1:1" },
    { ...json, "sec-fetch-site": "cross-site" },
    { ...json, "sec-fetch-site": "same-site", origin: `http://${host}` },
    { "content-type": "text/plain", origin: `http://${host}` },
    { origin: `http://${host}` },
  ]) {
    expect((await change(headers)).status, JSON.stringify(headers)).toBe(403);
  }
  expect((await fetchFrom("/-/events", { "sec-fetch-site": "same-site" })).status).toBe(403);
  expect((await fetchFrom("/-/arrivals/1", { origin: "https://evil.example" })).status).toBe(403);
  expect((await post("/still", "")).status).toBe(200);
});

test("a response that is set in the page is checked, and applies to the next request", async () => {
  const json = { "content-type": "application/json" };
  const change = async (body: string) => {
    const { status, body: said } = await fetchFrom("/-/answer", json, "POST", body);
    return status === 204 ? status : [status, JSON.parse(said).detail];
  };
  expect(await change('{"status":700}')).toEqual([422, "The status must be a whole number from 200 to 599."]);
  expect(await change('{"delay_seconds":-1}')).toEqual([422, expect.stringContaining("from 0 to 300")]);
  expect(await change('{"body":1}')).toEqual([422, expect.stringContaining("a text")]);
  expect(await change('{"headers":{}}')).toEqual([422, expect.stringContaining('no field "headers"')]);
  expect(await change("[]")).toEqual([422, expect.stringContaining("JSON object")]);
  expect(await change("{")).toEqual([422, expect.any(String)]);
  expect(await change('{"status":418,"body":"tea"}')).toBe(204);
  const reply = await post("/teapot", "");
  expect([reply.status, await reply.text()]).toEqual([418, "tea"]);
  expect(await change('{"status":200,"body":""}')).toBe(204);
});

test("a body that is too large gets a 413 and is not kept, and the next request is accepted", async () => {
  expect((await post("/large", Buffer.alloc(1024 * 1024 + 1))).status).toBe(413);
  expect(await arrivedAt("/large")).toMatchObject({ body: "", body_bytes: 1024 * 1024 + 1, status: 413 });
  expect((await post("/fits", Buffer.alloc(1024 * 1024))).status).toBe(200);
});

test("a sender that hangs up or sends garbage disturbs no other request", async () => {
  const { hostname, port } = new URL(url);
  const starts = [
    "nonsense\r\n\r\n",
    "POST /broken HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab",
    "GET http://evil/-/ HTTP/1.1\r\nhost: x\r\n\r\n",
  ];
  for (const start of starts) {
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve) => socket.write(start, () => resolve()));
    socket.destroy();
  }
  expect((await post("/after", "")).status).toBe(200);
});

test("a browser that opens the address is redirected to the page", async () => {
  expect(await fetchFrom("/", { "sec-fetch-mode": "navigate" })).toMatchObject({
    status: 302,
    headers: { location: "/-/" },
  });
});

test("a delay applies to its own response only, and ends when the sender hangs up", async () => {
  await using slow = startCommand(["inbox", "--port", "0", "--json", "--delay", "300"]);
  const own = String((await slow.line(({ event }) => event === "listening")).url);
  const hangUp = new AbortController();
  const reply = fetch(`${own}/slow`, { method: "POST", signal: hangUp.signal }).then(
    () => "answered",
    () => "hung up",
  );
  await arrivedAt("/slow", slow);
  const headers = { "content-type": "application/json" };
  await fetch(`${own}/-/answer`, { method: "POST", body: '{"delay_seconds":0}', headers });
  expect((await fetch(`${own}/quick`, { method: "POST" })).status).toBe(200);
  hangUp.abort();
  expect(await reply).toBe("hung up");
  slow.send("SIGTERM");
  expect((await slow.ended).exitCode).toBe(0);
});

test("an invalid option is reported with a sentence", async () => {
  const failureOf = async (...args: string[]) => {
    const { exitCode, stderr } = await runWeft(["inbox", ...args]);
    return [exitCode, stderr];
  };
  expect(await failureOf("--status", "99")).toEqual([2, expect.stringContaining("from 200 to 599")]);
  expect(await failureOf("--delay", "soon")).toEqual([2, expect.stringContaining("from 0 to 300")]);
  expect(await failureOf("--port", "http")).toEqual([2, expect.stringContaining("--port is a whole number")]);
  expect(await failureOf("--port", new URL(url).port)).toEqual([
    1,
    expect.stringContaining("Another program uses port"),
  ]);
});
