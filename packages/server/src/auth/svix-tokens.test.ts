import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { jwtSecret, organizationToken, startWeft, tokens } from "../api/svix/fixtures/svix-clients.ts";
import { type OrganizationId, prefixed } from "../domain/id.ts";
import { capabilities } from "./capabilities.ts";

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
  org: org.sub,
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
      expect(await withToken(token)).toMatchObject({ status: 401, body: { detail: expect.stringMatching(/expires/) } });
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
  ["no subject", { exp: soon }],
  ["an organization that is none", { org: "user_1", sub: "app_1", exp: soon }],
  ["a subject that is no application", { org: org.sub, sub: "org_1", exp: soon }],
])("a token with %s is a 400", async (_, claims) => {
  expect(await withToken(forged(hs256, claims))).toMatchObject({ status: 400, body: { code: "generic_error" } });
});

test("the secret itself is rejected with a sentence that it is not a token", async () => {
  const dotted = "a.secret.with two dots in it, long enough".replaceAll(" ", "-");
  await using other = await startWeft({ WEFT_SVIX_JWT_SECRET: dotted });
  const response = await other.get("/api/v1/event-type", { headers: { authorization: `Bearer ${dotted}` } });
  expect(response).toMatchObject({ status: 401, body: { detail: expect.stringContaining("not a token") } });
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
