import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { jwtSecret, organizationToken, startWeft, tokens } from "../api/svix/fixtures/svix-clients.ts";
import { type OrganizationId, prefixed } from "../domain/id.ts";
import { capabilities } from "./capabilities.ts";
import { type JwtAlgorithm, jwtAlgorithms } from "./jwt-keys.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await startWeft();
});
afterAll(() => weft[Symbol.asyncDispose]());

function withToken(token: string) {
  return weft.get("/api/v1/event-type", { headers: { authorization: `Bearer ${token}` } });
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A token built by hand, so that the test does not depend on a library. */
function forged(header: object, claims: object, secret = jwtSecret, hash = "sha256"): string {
  const content = `${encoded(header)}.${encoded(claims)}`;
  return `${content}.${createHmac(hash, secret).update(content).digest("base64url")}`;
}

const hs256 = { alg: "HS256", typ: "JWT" };
const soon = Math.floor(Date.now() / 1_000) + 600;
const now = Math.floor(Date.now() / 1_000);
const org = { sub: "org_23rb8YdGqMT0qIzpgGwdXfHirMu", exp: soon };

test("a token that is signed with the secret is valid, whichever program created it", async () => {
  expect((await withToken(await organizationToken())).status).toBe(200);
  expect((await withToken(forged(hs256, org))).status).toBe(200);
});

test.each([
  ["another secret", () => forged(hs256, org, "another secret that signs tokens, long enough")],
  ["no algorithm", () => `${encoded({ alg: "none" })}.${encoded(org)}.`],
  ["no algorithm, and a signature", () => forged({ alg: "none" }, org)],
  ["another algorithm", () => forged({ alg: "HS512" }, org, jwtSecret, "sha512")],
  ["another algorithm in name only", () => forged({ alg: "RS256" }, org)],
  ["a time that is over", () => forged(hs256, { ...org, exp: soon - 1_200 })],
  ["a time that has been over for more than a minute", () => forged(hs256, { ...org, exp: now - 90 })],
  ["a time that has not come", () => forged(hs256, { ...org, nbf: soon })],
  [
    "a claim changed after it was signed",
    () => forged(hs256, org).replace(/\.[^.]+\./, `.${encoded({ ...org, exp: soon + 1 })}.`),
  ],
  ["no JSON inside", () => `${Buffer.from("no").toString("base64url")}.e.e`],
  ["nothing inside", () => ".."],
  ["a time that is no number", () => forged(hs256, { ...org, exp: String(soon) })],
  ["a time that is null", () => forged(hs256, { ...org, exp: null })],
  ["an application that is no id", () => forged(hs256, { org: org.sub, sub: "app_none", exp: soon })],
])("a token with %s is a 401", async (_, make) => {
  expect(await withToken(make())).toMatchObject({
    status: 401,
    body: { code: "authentication_failed", detail: "Invalid token" },
  });
});

const application = {
  org: "org_weft",
  sub: prefixed("app", "00000000-0000-7000-8000-000000000001" as OrganizationId),
  exp: soon,
};

test.each([
  ["an organization", org],
  ["an application", application],
])(
  "a token for %s without an expiry, or with one after the year 9999, is a 401 with the reason, in both APIs",
  async (_, claims) => {
    const { exp: _exp, ...endless } = claims;
    for (const given of [endless, { ...claims, exp: 253_402_300_800 }, { ...claims, exp: 1e300 }]) {
      const token = forged(hs256, given);
      expect(await withToken(token)).toMatchObject({ status: 401, body: { detail: expect.stringMatching(/expir/) } });
      const own = await weft.get("/v1/webhooks/subscriptions", { headers: { authorization: `Bearer ${token}` } });
      expect(own.status).toBe(401);
    }
    expect((await withToken(forged(hs256, { ...claims, exp: soon + 10 * 365 * 86_400 }))).status).not.toBe(401);
  },
);

test("issue times that no database can store are refused, and old ones are not", async () => {
  const statuses = [];
  for (const iat of [1e300, -1e300, -1, 0, 1.5]) {
    statuses.push((await withToken(forged(hs256, { ...application, iat }))).status);
  }
  expect(statuses).toEqual([401, 200, 200, 200, 200]);
});

test.each([
  ["a subject that is no organization", { sub: "user_1", exp: soon }],
  ["an organization that is none", { org: "user_1", sub: "app_1", exp: soon }],
  ["a subject that is no application", { org: org.sub, sub: "org_1", exp: soon }],
])("a token with %s is a 400", async (_, claims) => {
  expect(await withToken(forged(hs256, claims))).toMatchObject({ status: 400, body: { code: "bad_token" } });
});

test("a token without a subject is a 401 that names the claim", async () => {
  const body = { code: "authentication_failed", detail: "Invalid token (missing `sub`)." };
  expect(await withToken(forged(hs256, { exp: soon }))).toMatchObject({ status: 401, body });
  expect(await withToken(forged(hs256, { org: org.sub, exp: soon }))).toMatchObject({ status: 401, body });
});

test("a difference of clocks of a minute is allowed", async () => {
  for (const claims of [{ exp: now - 30 }, { nbf: now + 30 }]) {
    expect((await withToken(forged(hs256, { ...org, ...claims }))).status).toBe(200);
  }
});

const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const ed25519 = generateKeyPairSync("ed25519");
const pem = (key: KeyObject) => String(key.export({ type: key.type === "private" ? "pkcs8" : "spki", format: "pem" }));

/** Signs a token by hand with a private key, or a secret. */
function signed(alg: JwtAlgorithm, key: KeyObject | string, claims: object = org): string {
  const content = `${encoded({ alg, typ: "JWT" })}.${encoded(claims)}`;
  const hash = `sha${alg.slice(2)}`;
  const signature =
    typeof key === "string"
      ? createHmac(hash, key).update(content).digest()
      : sign(alg === "EdDSA" ? null : hash, Buffer.from(content), key);
  return `${content}.${signature.toString("base64url")}`;
}

describe.each(jwtAlgorithms)("with the algorithm %s", (algorithm) => {
  const pair = algorithm === "EdDSA" ? ed25519 : rsa;
  const isSecret = algorithm.startsWith("HS");
  const key = isSecret ? jwtSecret : pair.privateKey;
  const setting = isSecret ? jwtSecret : pem(pair.privateKey);

  test("tokens with this algorithm are read and signed, and no others", async () => {
    await using other = await startWeft({ WEFT_SVIX_JWT_ALGORITHM: algorithm, WEFT_SVIX_JWT_SECRET: setting });
    const statusOf = async (token: string) =>
      (await other.get("/api/v1/app", { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await statusOf(signed(algorithm, key))).toBe(200);
    for (const alg of jwtAlgorithms.filter((alg) => alg !== algorithm)) {
      expect(await statusOf(signed(alg, keyFor(alg))), alg).toBe(401);
      // The public key is known to others: it never serves as a secret.
      if (alg.startsWith("HS") && !isSecret) expect(await statusOf(signed(alg, pem(pair.publicKey)))).toBe(401);
    }
    const headers = { authorization: `Bearer ${signed(algorithm, key)}` };
    const app = (await other.post("/api/v1/app", { name: "Acme" }, { headers })).body.id;
    const { token } = (await other.post(`/api/v1/auth/app-portal-access/${app}`, {}, { headers })).body;
    const own = await other.get(`/api/v1/app/${app}`, { headers: { authorization: `Bearer ${token}` } });
    expect(own).toMatchObject({ status: 200, body: { id: app } });
  });

  function keyFor(alg: JwtAlgorithm): KeyObject | string {
    if (alg.startsWith("HS")) return jwtSecret;
    return alg === "EdDSA" ? ed25519.privateKey : rsa.privateKey;
  }
});

test("with a public key alone, tokens are read, and none can be made", async () => {
  const escaped = pem(ed25519.publicKey).replaceAll("\n", "\\n");
  await using other = await startWeft({ WEFT_SVIX_JWT_ALGORITHM: "EdDSA", WEFT_SVIX_JWT_SECRET: escaped });
  const headers = { authorization: `Bearer ${signed("EdDSA", ed25519.privateKey)}` };
  const app = (await other.post("/api/v1/app", { name: "Acme" }, { headers })).body.id;
  for (const name of ["app-portal-access", "dashboard-access"]) {
    const refused = await other.post(`/api/v1/auth/${name}/${app}`, {}, { headers });
    expect(refused).toMatchObject({ status: 501, body: { detail: expect.stringContaining("public key") } });
  }
});

test.each([
  ["dots", "a.secret.with-two-dots-in-it,-long-enough"],
  ["no dot", "a-secret-without-a-dot,-as-most-are"],
  ["the prefix of an API key", "weft_a-secret-that-looks-like-a-key"],
])("the secret itself, with %s, is rejected with the detail that Svix returns", async (_, secret) => {
  await using other = await startWeft({ WEFT_SVIX_JWT_SECRET: secret });
  const detail =
    "Authentication failed. JWT signing secrets can not be used as tokens, please refer to " +
    "https://github.com/svix/svix-webhooks#authentication for more information.";
  for (const headers of [{ authorization: `Bearer ${secret}` }, { "x-api-key": secret }]) {
    const response = await other.get("/api/v1/event-type", { headers });
    expect(response).toEqual(expect.objectContaining({ status: 401, body: { code: "authentication_failed", detail } }));
  }
  const wrong = await other.get("/api/v1/event-type", { headers: { authorization: `Bearer ${secret.slice(0, -1)}` } });
  expect(wrong).toMatchObject({ status: 401, body: { detail: "Invalid token" } });
});

test("without a secret no token is accepted", async () => {
  await using other = await startWeft({ WEFT_SVIX_JWT_SECRET: "" });
  const response = await other.get("/api/v1/event-type", {
    headers: { authorization: `Bearer ${forged(hs256, org)}` },
  });
  expect(response).toMatchObject({ status: 401, body: { code: "authentication_failed" } });
});

test("reading the session shows that a token belongs to one application", async () => {
  const organizationId = "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b" as OrganizationId;
  const expiresAt = Math.floor(Date.now() / 1_000) * 1_000 + 60_000;
  const made = { organizationId, featureFlags: ["beta"], expiresAt };
  const bearer = { kind: "application", organizationId, featureFlags: ["beta"] };
  expect(await tokens().read(await tokens().applicationToken(made))).toMatchObject({
    ...bearer,
    capabilities,
    token: { expiresAt },
    names: ["all", expect.stringMatching(/^token /)],
  });
  const restricted = { ...made, capabilities: ["ViewBase"] as const, session: "s1" };
  expect(await tokens().read(await tokens().applicationToken(restricted))).toMatchObject({
    ...bearer,
    capabilities: ["ViewBase"],
    names: ["all", expect.stringMatching(/^token /), expect.stringMatching(/^session /)],
  });
});
