import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { StrictTlsServer, TestAuthority, whyNoOpenssl } from "../../outbound/fixtures/certificates.ts";
import { listening } from "../../outbound/fixtures/local-receiver.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";

const missing = whyNoOpenssl();
const path = "/webhooks/subscriptions";

let weft: RunningWeft;
let receiver: Receiver;

beforeAll(async () => {
  [weft, receiver] = await Promise.all([RunningWeft.start({ WEFT_RETRY_SCHEDULE: "1ms" }), Receiver.start()]);
  receiver.respond = status(200);
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

function subscribe(fields: object) {
  return weft.post(path, { event_types: ["sync.completed"], url: receiver.url(), ...fields });
}

/** The headers of a test event that the receiver gets. */
async function sentHeaders(id: string) {
  receiver.received.length = 0;
  await weft.post(`${path}/${id}/test`, { event_type: "sync.completed" });
  await until("it was delivered", () => receiver.received.length > 0);
  return receiver.received[0]?.headers;
}

async function firstAttempt(id: string) {
  await weft.post(`${path}/${id}/test`, { event_type: "sync.completed" });
  return await until("an attempt was recorded", async () => {
    const [attempt] = (await weft.get(`${path}/${id}/attempts`)).body;
    return attempt?.status !== "pending" && attempt;
  });
}

test("requests have the credential of the subscription, which is stored encrypted and shown masked", async () => {
  const basic = { type: "basic", username: "weft", password: "hush-hush" };
  const made = await subscribe({ authentication: basic });
  expect([made.status, made.body.authentication]).toEqual([200, { ...basic, password: "***" }]);
  const { id } = made.body;
  expect(await sentHeaders(id)).toMatchObject({
    authorization: `Basic ${Buffer.from("weft:hush-hush").toString("base64")}`,
  });

  const renamed = await weft.patch(`${path}/${id}`, { authentication: { ...basic, username: "two", password: "***" } });
  expect(renamed.body.authentication).toEqual({ type: "basic", username: "two", password: "***" });
  expect(await sentHeaders(id)).toMatchObject({
    authorization: `Basic ${Buffer.from("two:hush-hush").toString("base64")}`,
  });

  await weft.patch(`${path}/${id}`, { authentication: { type: "bearer", token: "hush-token" } });
  expect(await sentHeaders(id)).toMatchObject({ authorization: "Bearer hush-token" });
  const attempt = await firstAttempt(id);
  const { body: shown } = await weft.get(`/webhooks/attempts/${attempt.id}`);
  expect(shown.request.headers.authorization).toBe("***");

  const files = readdirSync(weft.folder).map((file) => readFileSync(join(weft.folder, file), "latin1"));
  expect(files.join("")).not.toContain("hush");

  const without = await weft.patch(`${path}/${id}`, { authentication: null });
  expect(without.body.authentication).toBeNull();
  expect(await sentHeaders(id)).not.toHaveProperty("authorization");
});

test("a caller without the scope for secrets cannot send a credential to another host", async () => {
  const { id } = (await subscribe({ authentication: { type: "bearer", token: "hush" } })).body;
  const { body: key } = await weft.post("/api-keys", { name: "writer", scopes: ["read", "write"] });
  const headers = { authorization: `Bearer ${key.key}` };
  await using elsewhere = await Receiver.start();
  const url = elsewhere.url();
  for (const fields of [{ url }, { url, authentication: { type: "bearer", token: "***" } }]) {
    const refused = await weft.patch(`${path}/${id}`, fields, { headers });
    expect([refused.status, refused.body.errors?.[0]?.loc]).toEqual([422, ["body", "authentication"]]);
  }
  const again = { url, authentication: { type: "bearer", token: "another" } };
  expect((await weft.patch(`${path}/${id}`, again, { headers })).status).toBe(200);
});

test("an endpoint with a private authority that requires a client certificate gets its deliveries", async ({
  skip,
}) => {
  skip(missing !== null, missing ?? "");
  using authority = new TestAuthority("Receiver's authority");
  using clients = new TestAuthority("Clients' authority");
  const names: string[] = [];
  const server = createServer(
    {
      ...keyPair(authority.issue("receiver.test")),
      ca: clients.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      names.push(String(subject.CN));
      response.end("ok");
    },
  );
  const url = `https://127.0.0.1:${await listening(server)}/hook`;
  const { certificate, privateKey } = clients.issue("weft.test");
  const fields = {
    url,
    certificate_authority: authority.certificate,
    client_certificate: { certificate, private_key: privateKey },
  };
  const made = await subscribe(fields);
  expect([made.status, made.body.message]).toEqual([200, undefined]);
  expect(made.body).toMatchObject({
    client_certificate: { subject: "CN=weft.test, O=Weft", expires_at: expect.stringMatching(/Z$/) },
    certificate_authority: { subject: "CN=Receiver's authority" },
  });
  expect(made.text).not.toContain("PRIVATE KEY");
  const { id } = made.body;
  expect(await firstAttempt(id)).toMatchObject({ status: "success" });
  expect(names).toEqual(["weft.test", "weft.test"]);

  await weft.patch(`${path}/${id}`, { certificate_authority: null });
  expect((await firstAttempt(id)).error).toMatch(/^tls: The TLS handshake failed \(/);
});

test("an attempt says that the receiver requires a client certificate, or rejected it", async ({ skip }) => {
  skip(missing !== null, missing ?? "");
  using authority = new TestAuthority("Receiver's authority");
  using clients = new TestAuthority("Clients' authority");
  await using server = await StrictTlsServer.start(authority.issue("receiver.test"), clients.certificate);
  const url = `https://127.0.0.1:${server.port}/hook`;
  const refused = await subscribe({ url, certificate_authority: authority.certificate });
  expect([refused.status, refused.body.code]).toEqual([400, "endpoint_unreachable"]);

  await using unchecked = await RunningWeft.start({ WEFT_VERIFY_ENDPOINTS: "false", WEFT_RETRY_SCHEDULE: "1ms" });
  const fields = { event_types: ["sync.completed"], url, certificate_authority: authority.certificate };
  const other = authority.issue("other.test");
  const certificate = { certificate: other.certificate, private_key: other.privateKey };
  for (const [client_certificate, expected] of [
    [null, /^tls: The receiver requires a client certificate \(/],
    [certificate, /^tls: The receiver rejected the client certificate \(/],
  ] as const) {
    const { body } = await unchecked.post(path, { ...fields, client_certificate });
    await unchecked.post(`${path}/${body.id}/test`, { event_type: "sync.completed" });
    const attempt = await until("an attempt was recorded", async () => {
      const [found] = (await unchecked.get(`${path}/${body.id}/attempts`)).body;
      return found?.status !== "pending" && found;
    });
    expect(attempt.error).toMatch(expected);
  }
});

test("certificates that cannot work are refused with the location of the mistake", async ({ skip }) => {
  skip(missing !== null, missing ?? "");
  using authority = new TestAuthority("Authority");
  const good = authority.issue("weft.test");
  const other = authority.issue("other.test");
  const expired = authority.issue("weft.test", { expired: true });
  const url = "https://127.0.0.1:9/";
  const refused = async (fields: object) => {
    const { status, body } = await subscribe({ url, ...fields });
    return [status, body.errors?.[0]?.loc.join("."), body.errors?.[0]?.msg];
  };
  const certificate = (from: { certificate: string }, key: { privateKey: string }) => ({
    client_certificate: { certificate: from.certificate, private_key: key.privateKey },
  });
  expect(await refused(certificate(good, other))).toEqual([
    422,
    "body.client_certificate.private_key",
    "The private key does not belong to the certificate.",
  ]);
  expect(await refused(certificate(expired, expired))).toEqual([
    422,
    "body.client_certificate.certificate",
    "The certificate has expired. Renew it.",
  ]);
  expect(await refused(certificate({ certificate: "hush" }, good))).toEqual([
    422,
    "body.client_certificate.certificate",
    expect.stringContaining("Expected certificates in PEM form"),
  ]);
  expect(await refused(certificate(good, { privateKey: good.certificate }))).toEqual([
    422,
    "body.client_certificate.private_key",
    expect.stringContaining("Expected a private key in PEM form"),
  ]);
  expect(await refused({ certificate_authority: "no" })).toEqual([
    422,
    "body.certificate_authority",
    expect.stringContaining("Expected certificates in PEM form"),
  ]);
  expect(await refused({ url: receiver.url(), certificate_authority: authority.certificate })).toEqual([
    422,
    "body.certificate_authority",
    "Certificates need an https URL.",
  ]);
  const own = { headers: { Authorization: "x" }, authentication: { type: "bearer", token: "t" } };
  expect((await refused(own)).slice(0, 2)).toEqual([422, "body.authentication"]);
  const alert = { destination: "slack", url: receiver.url(), authentication: { type: "bearer", token: "t" } };
  expect((await refused(alert)).slice(0, 2)).toEqual([422, "body.authentication"]);
  for (const authentication of [
    { type: "basic", username: "a:b", password: "c" },
    { type: "bearer", token: "a\r\nb" },
    { type: "bearer", token: "" },
    { type: "digest" },
  ]) {
    expect((await refused({ authentication }))[0], authentication.type).toBe(422);
  }
});

function keyPair({ certificate, privateKey }: { certificate: string; privateKey: string }) {
  return { cert: certificate, key: privateKey };
}
