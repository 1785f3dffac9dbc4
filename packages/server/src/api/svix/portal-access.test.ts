import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import type { Svix } from "svix";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Capability, capabilities } from "../../auth/capabilities.ts";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../delivery/fixtures/receiver.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, jwtSecret, majors, organizationToken, startWeft } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let receiver: Receiver;
let token: string;
beforeAll(async () => {
  receiver = await Receiver.start();
  weft = await startWeft();
  token = await organizationToken();
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

function call(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`) {
  return weft.call(method, `/api/v1${path}`, { body, headers: { authorization } });
}

let app: string;
beforeEach(async () => {
  app = (await call("POST", "/app", { name: "Acme" })).body.id;
});

const hour = 3_600;
const day = 24 * hour;

async function access(body: object = {}, named = app): Promise<string> {
  const response = await call("POST", `/auth/app-portal-access/${named}`, body);
  expect(response.status, response.text).toBe(200);
  return response.body.token;
}

async function opens(bearer: string, named = app): Promise<number> {
  return (await call("GET", `/app/${named}`, undefined, `Bearer ${bearer}`)).status;
}

function claimsOf(bearer: string) {
  return JSON.parse(Buffer.from(bearer.split(".")[1] ?? "", "base64url").toString());
}

describe.each(majors)("the SDK of major %s", (major, client) => {
  let svix: Svix;
  beforeAll(() => {
    svix = client(token, weft.url);
  });

  test("gives access to one application, for seven days or the requested time, with a link that contains the token", async () => {
    const given = await svix.authentication.appPortalAccess(app);
    expect(given.url).toBe(`${weft.url}/console/#token=${given.token}`);
    const own = client(given.token, weft.url);
    expect((await own.application.get(app)).id).toBe(app);
    await own.endpoint.create(app, { url: receiver.url() });
    const other = (await call("POST", "/app", { name: "Other" })).body.id;
    await expect(own.application.get(other)).rejects.toMatchObject({ code: 404 });
    await expect(own.application.list()).rejects.toMatchObject({ code: 403 });
    await expect(own.message.create(app, { eventType: "a", payload: {} })).rejects.toMatchObject({ code: 403 });
    const lifeOf = ({ token }: { token: string }) => claimsOf(token).exp - Math.floor(claimsOf(token).iat);
    expect(lifeOf(given)).toBe(7 * day);
    expect(lifeOf(await svix.authentication.appPortalAccess(app, { expiry: hour }))).toBe(hour);
  });

  test("creates the application if it is missing, and leaves an existing one unchanged", async () => {
    const uid = `customer-${randomUUID()}`;
    const application = { name: "New", uid };
    const { token } = await svix.authentication.appPortalAccess(uid, { application });
    expect((await client(token, weft.url).application.get(uid)).name).toBe("New");
    await svix.authentication.appPortalAccess(uid, { application: { ...application, name: "Ignored" } });
    expect((await svix.application.get(uid)).name).toBe("New");
    await expect(svix.authentication.appPortalAccess("unknown")).rejects.toMatchObject({ code: 404 });
  });

  test("shows event types by the flags of the token", async () => {
    const name = `flagged.${major}`;
    // The second major version has only the list.
    const flag = major === "1" ? { featureFlag: "beta" } : { featureFlags: ["beta"] };
    await svix.eventType.create({ name, description: "", ...flag });
    const sees = async (featureFlags: string[]) => {
      const { token } = await svix.authentication.appPortalAccess(app, { featureFlags });
      const names = (await client(token, weft.url).eventType.list({ limit: 250 })).data.map((type) => type.name);
      return names.includes(name);
    };
    expect([await sees(["beta"]), await sees(["other"]), await sees([])]).toEqual([true, false, false]);
  });

  test("revokes all existing tokens, and no later ones", async () => {
    const other = (await call("POST", "/app", { name: "Other" })).body.id;
    const [before, foreign] = [await access(), await access({}, other)];
    await svix.authentication.expireAll(app);
    expect([await opens(before), await opens(foreign, other)]).toEqual([401, 200]);
    await expect(client(before, weft.url).application.get(app)).rejects.toMatchObject({ code: 401 });
    expect(await opens(await access())).toBe(200);
  });

  test("revokes the tokens of some sessions", async () => {
    const sessions = { one: await access({ sessionId: "one" }), two: await access({ sessionId: "two" }) };
    const without = await access();
    await svix.authentication.expireAll(app, { sessionIds: ["one", "three"] });
    expect([await opens(sessions.one), await opens(sessions.two), await opens(without)]).toEqual([401, 200, 200]);
    expect(await opens(await access({ sessionId: "one" }))).toBe(200);
  });

  test("revokes them at a later time on request", async () => {
    const soon = await access();
    await svix.authentication.expireAll(app, { expiry: hour });
    expect(await opens(soon)).toBe(200);
    await svix.authentication.expireAll(app, { expiry: 1 });
    await until("its second is over", async () => (await opens(soon)) === 401);
  });

  test("a token can revoke itself, and leaves the others valid", async () => {
    const [one, other] = [await access({ sessionId: "s" }), await access({ sessionId: "s" })];
    await client(one, weft.url).authentication.logout();
    expect([await opens(one), await opens(other)]).toEqual([401, 200]);
    await expect(svix.authentication.logout()).rejects.toMatchObject({ code: 400 });
  });
});

test("the older name of the call, which the first major still has, gives the same access without a body", async () => {
  const [, client] = majors[0];
  const given = await client(token, weft.url).authentication.dashboardAccess(app);
  expect(given.url).toBe(`${weft.url}/console/#token=${given.token}`);
  expect(await opens(given.token)).toBe(200);
});

test("a token has the requested capabilities", async () => {
  const endpointId = (await call("POST", `/app/${app}/endpoint`, { url: receiver.url() })).body.id;
  const messageId = (await call("POST", `/app/${app}/msg`, { eventType: "user.signup", payload: {} })).body.id;
  const path = `/app/${app}/endpoint/${endpointId}`;
  const since = new Date(Date.now() - 60_000);
  const doings: Record<string, () => [string, string, unknown?]> = {
    read: () => ["GET", path],
    headers: () => ["GET", `${path}/headers`],
    seeSecret: () => ["GET", `${path}/secret`],
    rotate: () => ["POST", `${path}/secret/rotate`, { gracePeriodSeconds: 0 }],
    change: () => ["PATCH", path, { description: "" }],
    create: () => ["POST", `/app/${app}/endpoint`, { url: receiver.url() }],
    recover: () => ["POST", `${path}/recover`, { since }],
    replay: () => ["POST", `${path}/replay-missing`, { since }],
    bulkReplay: () => ["POST", `${path}/bulk-replay`, { since, channel: "unknown" }],
    example: () => ["POST", `${path}/send-example`, { eventType: "svix.ping" }],
    resend: () => ["POST", `/app/${app}/msg/${messageId}/endpoint/${endpointId}/resend`],
  };
  async function allowed(body: object): Promise<string[]> {
    const bearer = await access(body);
    const done: string[] = [];
    for (const [name, doing] of Object.entries(doings)) {
      const [method, at, given] = doing();
      const { status, text } = await call(method, at, given, `Bearer ${bearer}`);
      expect([200, 201, 202, 204, 403], `${name}: ${text}`).toContain(status);
      if (status < 400) done.push(name);
    }
    return done;
  }
  const base = ["read", "headers"];
  const attempts = ["recover", "replay", "bulkReplay", "example", "resend"];
  const expected: [Capability[], string[]][] = [
    [["ViewBase"], base],
    [
      ["ViewBase", "ViewEndpointSecret"],
      [...base, "seeSecret"],
    ],
    [
      ["ViewBase", "ManageEndpointSecret"],
      [...base, "seeSecret", "rotate"],
    ],
    [["ViewBase", "ManageTransformations"], base],
    [
      ["ViewBase", "CreateAttempts"],
      [...base, ...attempts],
    ],
    [
      ["ViewBase", "ManageEndpoint"],
      [...base, "seeSecret", "rotate", "change", "create"],
    ],
  ];
  for (const [capabilities, can] of expected) {
    expect(await allowed({ capabilities }), capabilities.join()).toEqual(can);
  }
  expect(await allowed({})).toEqual(Object.keys(doings));
  expect(await allowed({ capabilities })).toEqual(Object.keys(doings));
  expect(await allowed({ readOnly: true })).toEqual(base);
  expect(await allowed({ readOnly: true, capabilities })).toEqual(base);
  expect(await allowed({ readOnly: false })).toEqual(Object.keys(doings));
});

test("mistakes in a request are reported, and no token is created", async () => {
  const wrong: [object, string][] = [
    [{ expiry: hour - 1 }, "expiry"],
    [{ expiry: 7 * day + 1 }, "expiry"],
    [{ expiry: 1.5 * hour + 0.5 }, "expiry"],
    [{ capabilities: ["Everything"] }, "capabilities"],
    [{ capabilities: [] }, "capabilities"],
    [{ capabilities: ["CreateAttempts"] }, "capabilities"],
    [{ featureFlags: "beta" }, "featureFlags"],
    [{ featureFlags: ["with space"] }, "featureFlags"],
    [{ featureFlags: Array.from({ length: 17 }, () => "x".repeat(256)) }, "featureFlags"],
    [{ sessionId: "" }, "sessionId"],
    [{ sessionId: "x".repeat(257) }, "sessionId"],
    [{ readOnly: "yes" }, "readOnly"],
  ];
  for (const [body, field] of wrong) {
    const response = await call("POST", `/auth/app-portal-access/${app}`, body);
    expect(response.status, JSON.stringify(body)).toBe(422);
    expect(response.body.detail[0].loc.slice(0, 2)).toEqual(["body", field]);
    expect(response.body).not.toHaveProperty("token");
  }
  const before = await access();
  for (const body of [{ expiry: -1 }, { expiry: 7 * day + 1 }, { sessionIds: [""] }, { sessionIds: "one" }]) {
    expect((await call("POST", `/auth/app/${app}/expire-all`, body)).status, JSON.stringify(body)).toBe(422);
  }
  expect((await call("POST", "/auth/app/unknown/expire-all", {})).status).toBe(404);
  expect(await opens(before)).toBe(200);
});

test("an application's own token gives no access, and revokes only itself", async () => {
  const other = (await call("POST", "/app", { name: "Other" })).body.id;
  const [own, foreign] = [await access(), await access({}, other)];
  for (const named of [app, other]) {
    for (const path of [`app-portal-access/${named}`, `dashboard-access/${named}`, `app/${named}/expire-all`]) {
      const response = await call("POST", `/auth/${path}`, undefined, `Bearer ${own}`);
      expect(response, path).toMatchObject({ status: 403, body: { code: "insufficient access" } });
    }
  }
  expect([await opens(own), await opens(foreign, other)]).toEqual([200, 200]);
});

test("an organization's own admin key gives access to that organization alone", async () => {
  const made = await weft.post("/v1/organizations", { name: "Own" }, { headers: { "x-api-key": adminKey } });
  const inOrganization = { "x-api-key": adminKey, "x-organization-id": made.body.id };
  const key = (await weft.post("/v1/api-keys", { scopes: ["admin"] }, { headers: inOrganization })).body.key;
  const request = (named: string, body = {}) => call("POST", `/auth/app-portal-access/${named}`, body, `Bearer ${key}`);
  expect((await request(made.body.id)).status).toBe(200);
  expect((await request(app)).status).toBe(404);
  const application = { application: { name: "New", uid: "made-by-a-stranger" } };
  expect((await request("made-by-a-stranger", application)).status).toBe(403);
  expect((await call("GET", "/app/made-by-a-stranger")).status).toBe(404);
});

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

test("a token with a foreign or invalid signature opens nothing", async () => {
  const claims = claimsOf(await access());
  const signed = (header: object, content: object, hash = "sha256", secret = jwtSecret) => {
    const text = `${encoded(header)}.${encoded(content)}`;
    return `${text}.${createHmac(hash, secret).update(text).digest("base64url")}`;
  };
  expect(await opens(signed({ alg: "HS256" }, claims))).toBe(200);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const foreign = [
    signed({ alg: "HS256" }, claims, "sha256", "another secret that signs tokens, long enough"),
    signed({ alg: "HS256" }, { ...claims, exp: Math.floor(Date.now() / 1_000) - 61 }),
    signed({ alg: "HS512" }, claims, "sha512"),
    signed({ alg: "none" }, claims),
    `${encoded({ alg: "none" })}.${encoded(claims)}.`,
    await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(privateKey),
  ];
  for (const bearer of foreign) {
    expect(await call("GET", `/app/${app}`, undefined, `Bearer ${bearer}`)).toMatchObject({
      status: 401,
      body: { code: "authentication_failed" },
    });
    expect((await call("POST", "/auth/logout", undefined, `Bearer ${bearer}`)).status).toBe(401);
    expect((await call("POST", `/auth/app/${app}/expire-all`, {}, `Bearer ${bearer}`)).status).toBe(401);
  }
  expect(await opens(signed({ alg: "HS256" }, { ...claims, capabilities: "ViewBase" }))).toBe(403);
  expect(await opens(signed({ alg: "HS256" }, claims))).toBe(200);
});

test("tokens without an issue time, or signed elsewhere, can be revoked like others", async () => {
  const { org, sub, exp, iat } = claimsOf(await access());
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(jwtSecret));
  const undated = await sign({ org, sub, exp });
  const lasting = await sign({ org, sub, exp: Math.floor(exp) + 50 * 365 * 24 * 3_600, iat: Math.floor(iat) });
  const later = await sign({ org, sub, exp, iat: Math.floor(iat) + hour });
  for (const bearer of [undated, lasting, later]) expect(await opens(bearer)).toBe(200);
  await call("POST", "/auth/logout", undefined, `Bearer ${lasting}`);
  expect([await opens(undated), await opens(lasting)]).toEqual([200, 401]);
  await call("POST", `/auth/app/${app}/expire-all`, {});
  expect([await opens(undated), await opens(lasting), await opens(later)]).toEqual([401, 401, 200]);
});

test("a revoked token stays revoked in any spelling of its signature", async () => {
  const bearer = await access();
  await call("POST", "/auth/logout", undefined, `Bearer ${bearer}`);
  // Two bits of its last digit are unused.
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = digits.indexOf(bearer.at(-1) ?? "");
  for (const other of [0, 1, 2, 3]) {
    const spelt = bearer.slice(0, -1) + digits.charAt((last & ~3) + other);
    expect(await opens(spelt)).toBe(401);
  }
});

test("without a signing secret the call names the missing setting", async () => {
  await using unsigned = await startWeft({ WEFT_SVIX_JWT_SECRET: "" });
  const headers = { authorization: `Bearer ${adminKey}` };
  const { body } = await unsigned.call("POST", "/api/v1/app", { body: { name: "Acme" }, headers });
  for (const name of ["app-portal-access", "dashboard-access"]) {
    const response = await unsigned.call("POST", `/api/v1/auth/${name}/${body.id}`, { headers });
    expect(response).toMatchObject({
      status: 501,
      body: { code: "not_implemented", detail: expect.stringContaining("WEFT_SVIX_JWT_SECRET") },
    });
  }
});

test("the link begins with the address that the operator configured", async () => {
  await using behindProxy = await startWeft({ WEFT_PUBLIC_URL: "https://webhooks.example.com/weft/" });
  const headers = { authorization: `Bearer ${token}` };
  const { body } = await behindProxy.call("POST", "/api/v1/app", { body: { name: "Acme" }, headers });
  const given = await behindProxy.call("POST", `/api/v1/auth/app-portal-access/${body.id}`, { body: {}, headers });
  expect(given.body.url).toBe(`https://webhooks.example.com/weft/console/#token=${given.body.token}`);
});
