import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { RunningWeft } from "../api/fixtures/running-weft.ts";
import { Browser } from "./fixtures/browser.ts";
import { TestIdentityProvider } from "./fixtures/test-identity-provider.ts";

const admin = { headers: { "x-api-key": "an-admin-key-of-the-operator-0123456789" } };

let folder: string;
let provider: TestIdentityProvider;
let weft: RunningWeft;
let acme: string;
let globex: string;

async function startWeft(roles: string, more: Record<string, string> = {}): Promise<RunningWeft> {
  return await RunningWeft.start(
    {
      ...provider.settings,
      WEFT_DATABASE_URL: `sqlite:${folder}/weft.db`,
      WEFT_ADMIN_KEY: admin.headers["x-api-key"],
      WEFT_OIDC_NAME: "Example Login",
      WEFT_OIDC_ROLES: roles,
      ...more,
    },
    "serve",
  );
}

function roles(): string {
  return `operators=admin@*,watchers=viewer@*,acme=support@${acme},globex=admin@${globex},acme-dev=developer@${acme}`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-people-"));
  provider = await TestIdentityProvider.start();
  await using first = await startWeft("operators=admin@*");
  acme = (await first.post("/organizations", { name: "Acme" }, admin)).body.id;
  globex = (await first.post("/organizations", { name: "Globex" }, admin)).body.id;
});

beforeAll(async () => {
  weft = await startWeft(roles());
});

beforeEach(() => {
  provider.isDown = false;
  provider.changeIdToken = null;
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Signs a person in, and returns the page of the console at which the browser arrives, and its session. */
async function signIn(person: { sub: string; groups?: unknown; email?: string } | null, browser = new Browser()) {
  provider.person = person;
  const { url } = await browser.open(`${weft.url}/v1/session/sign-in`, `${weft.url}/console/`);
  const call = { headers: { cookie: browser.cookiesOf(weft.url), "x-weft-console": "1" } };
  return { page: `${url.pathname}${url.search}`, call };
}

test("the log-in page learns the name of the provider and the path of a sign-in", async () => {
  expect((await weft.get("/session/methods")).body).toEqual({
    identity_provider: { name: "Example Login", url: "/v1/session/sign-in" },
  });
});

test("a person in a group of operators signs in with its role in every organization, and the audit log names them", async () => {
  const { page, call } = await signIn({ sub: "ada", email: "ada@example.com", groups: ["operators", "unknown"] });
  expect(page).toBe("/console/");
  const { body } = await weft.get("/session", call);
  expect(body).toMatchObject({
    via: "session",
    actor: { kind: "person", id: "ada", name: "ada@example.com" },
    is_operator: true,
    organizations: [],
  });
  expect(body.scopes).toEqual(["read", "write", "subscribe", "secrets", "publish", "admin"]);
  const inAcme = { headers: { ...call.headers, "x-organization-id": acme } };
  expect((await weft.post("/collections", { name: "Made by Ada" }, inAcme)).status).toBe(200);
  const { body: entries } = await weft.get("/audit-log", inAcme);
  expect(entries[0]).toMatchObject({
    operation: "createCollection",
    actor: { kind: "person", id: "ada", name: "ada@example.com", via: "session" },
  });
  const { body: signIns } = await weft.get("/audit-log?operation=completeSignIn", call);
  expect(signIns[0]).toMatchObject({ kind: "sign_in", actor: { kind: "person", name: "ada@example.com", via: null } });
});

test("a role in all organizations gives its scopes only", async () => {
  const { call } = await signIn({ sub: "walter", groups: ["watchers", "globex"] });
  const inGlobex = { headers: { ...call.headers, "x-organization-id": globex } };
  expect((await weft.get("/session", inGlobex)).body).toMatchObject({ scopes: ["read"], is_operator: true });
  expect((await weft.get("/organizations", call)).status).toBe(200);
  expect((await weft.post("/organizations", { name: "Mine" }, call)).status).toBe(403);
  expect((await weft.post("/collections", { name: "Mine" }, inGlobex)).status).toBe(403);
});

test("a person acts only in the organizations of their groups, with the roles that they have there", async () => {
  const { call } = await signIn({ sub: "sam", groups: ["globex", "acme"] });
  const { body } = await weft.get("/session", call);
  expect(body).toMatchObject({
    is_operator: false,
    organization: { id: acme },
    scopes: ["read", "write", "subscribe"],
  });
  expect(body.organizations).toEqual([
    { id: acme, name: "Acme" },
    { id: globex, name: "Globex" },
  ]);
  const inGlobex = { headers: { ...call.headers, "x-organization-id": globex } };
  expect((await weft.get("/session", inGlobex)).body.scopes).toContain("admin");
  expect((await weft.post("/organizations", { name: "Mine" }, inGlobex)).status).toBe(403);
  const first = (await weft.get("/organizations", admin)).body.find(
    ({ id }: { id: string }) => ![acme, globex].includes(id),
  );
  const inFirst = { headers: { ...call.headers, "x-organization-id": first.id } };
  expect((await weft.get("/session", inFirst)).status).toBe(404);
});

test("several groups in one organization add up", async () => {
  const { call } = await signIn({ sub: "dev", groups: ["acme", "acme-dev"] });
  expect((await weft.get("/session", call)).body.scopes).toEqual(["read", "write", "subscribe", "secrets", "publish"]);
});

test.each([
  ["without a group", {}],
  ["in unknown groups", { groups: ["visitors", "constructor", "__proto__"] }],
  ["with groups that are no texts", { groups: [{ name: "operators" }, 1, null, ["operators"]] }],
])("a person %s is led back to the log-in page, without a session", async (_, more) => {
  const { page, call } = await signIn({ sub: "eve", ...more });
  expect(page).toBe("/console/?sign_in_error=no_role");
  expect((await weft.get("/session", call)).status).toBe(401);
});

test("a group that is one text counts", async () => {
  const { call } = await signIn({ sub: "one", groups: "acme" });
  expect((await weft.get("/session", call)).body.organization.id).toBe(acme);
});

test("a refusal at the provider leads back to the log-in page, and is counted in the audit log", async () => {
  expect((await signIn(null)).page).toBe("/console/?sign_in_error=denied");
  const { body } = await weft.get("/audit-log?operation=completeSignIn", admin);
  expect(body.map(({ kind }: { kind: string }) => kind)).toContain("sign_in_failed");
});

test("a provider that is down does not stop the log-in page", async () => {
  await using other = await TestIdentityProvider.start();
  other.isDown = true;
  const own = { ...other.settings, WEFT_DATABASE_URL: `sqlite:${folder}/other.db` };
  await using second = await startWeft("operators=admin@*", own);
  const { url } = await new Browser().open(`${second.url}/v1/session/sign-in`, `${second.url}/console/`);
  expect(`${url.pathname}${url.search}`).toBe("/console/?sign_in_error=provider_unavailable");
});

test.each([
  ["a forged signature", (token: string) => `${token.slice(0, -8)}AAAAAAAA`],
  ["no signature", (token: string) => `${token.split(".").slice(0, 2).join(".")}.`],
  ["other claims", (token: string) => withClaims(token, { groups: ["operators"] })],
  ["no algorithm", (token: string) => `${encoded({ alg: "none" })}.${token.split(".")[1]}.`],
  ["another audience", (token: string) => withClaims(token, { aud: "another" })],
  ["another nonce", (token: string) => withClaims(token, { nonce: "another" })],
])("an ID token with %s is rejected", async (_, change) => {
  provider.changeIdToken = change;
  const { page, call } = await signIn({ sub: "mallory", groups: ["acme"] });
  expect(page).toMatch(/^\/console\/\?sign_in_error=(invalid_response|provider_unavailable)$/);
  expect((await weft.get("/session", call)).status).toBe(401);
});

function withClaims(token: string, claims: object): string {
  const [head = "", body = "", signature = ""] = token.split(".");
  const read = JSON.parse(Buffer.from(body, "base64url").toString()) as object;
  return [head, encoded({ ...read, ...claims }), signature].join(".");
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

test("a callback works once, in the browser that began the sign-in, with its own state", async () => {
  provider.person = { sub: "ada", groups: ["acme"] };
  const browser = new Browser();
  const callback = `${weft.url}/v1/session/sign-in/callback`;
  const { url } = await browser.open(`${weft.url}/v1/session/sign-in`, callback);
  const pageOf = async (target: string | URL, by: Browser) => {
    const { search } = (await by.open(String(target), `${weft.url}/console/`)).url;
    return search;
  };
  expect(await pageOf(url, new Browser())).toBe("?sign_in_error=expired");
  const changed = new URL(url);
  changed.searchParams.set("state", "another");
  expect(await pageOf(changed, browser)).toBe("?sign_in_error=invalid_response");
  expect(await pageOf(url, browser)).toBe("");
  expect(await pageOf(url, browser)).toBe("?sign_in_error=expired");
});

test("the browser returns to the page of the console that was opened, and to no other site", async () => {
  const landing = async (returnTo: string) => {
    provider.person = { sub: "ada", groups: ["acme"] };
    const query = new URLSearchParams({ return_to: returnTo });
    const { url } = await new Browser().open(`${weft.url}/v1/session/sign-in?${query}`, `${weft.url}/console/`);
    return url.href.replace(weft.url, "");
  };
  expect(await landing("/console/messages?status=failed")).toBe("/console/messages?status=failed");
  for (const other of ["https://evil.example/console/", "//evil.example", "/console/\\evil", "/v1/organizations"]) {
    expect(await landing(other)).toBe("/console/");
  }
});

test("the cookies of a sign-in are hidden from scripts, and the ticket belongs to its own path", async () => {
  const { headers } = await weft.get("/session/sign-in");
  const [ticket = ""] = headers.getSetCookie();
  expect(ticket).toMatch(/^weft_sign_in=[\w.-]+; Path=\/v1\/session\/sign-in; HttpOnly; SameSite=Lax; Max-Age=600$/);
  expect(headers.get("cache-control")).toBe("no-store");
});

test("a session of a person needs the header of the console for changes, and ends at log-out", async () => {
  const { call } = await signIn({ sub: "sam", groups: ["acme"] });
  const withoutHeader = { headers: { cookie: call.headers.cookie } };
  expect((await weft.post("/collections", { name: "Forged" }, withoutHeader)).status).toBe(403);
  expect((await weft.delete("/session", call)).status).toBe(200);
  expect((await weft.get("/session", call)).status).toBe(401);
});

test("a portal link of a person shows their organization, with fewer rights", async () => {
  const { call } = await signIn({ sub: "gina", groups: ["globex"] });
  const { body } = await weft.post("/portal-sessions", { scopes: ["read"] }, call);
  const visitor = { headers: { authorization: `Bearer ${body.token}` } };
  expect((await weft.get("/session", visitor)).body).toMatchObject({
    via: "portal",
    organization: { id: globex },
    scopes: ["read"],
    is_operator: false,
  });
  const elsewhere = { headers: { ...visitor.headers, "x-organization-id": acme } };
  expect((await weft.get("/session", elsewhere)).status).toBe(404);
});

test("a session loses the rights of a group that the settings no longer name, and ends without an identity provider", async () => {
  const { call } = await signIn({ sub: "sam", groups: ["acme", "globex"] });
  await weft[Symbol.asyncDispose]();
  {
    await using changed = await startWeft(`acme=viewer@${acme}`);
    expect((await changed.get("/session", call)).body).toMatchObject({ scopes: ["read"], organizations: [] });
  }
  {
    const none = { WEFT_OIDC_ISSUER: "", WEFT_OIDC_CLIENT_ID: "", WEFT_OIDC_CLIENT_SECRET: "", WEFT_OIDC_NAME: "" };
    await using without = await startWeft("", none);
    expect((await without.get("/session", call)).status).toBe(401);
    expect((await without.get("/session/methods")).body).toEqual({ identity_provider: null });
    expect((await without.get("/session/sign-in")).status).toBe(404);
  }
  weft = await startWeft(roles());
});

test("groups are read from the user info, and from nested claims", async () => {
  await weft[Symbol.asyncDispose]();
  const before = provider;
  await using other = await TestIdentityProvider.start({ hasGroupsInIdToken: false });
  provider = other;
  {
    await using second = await startWeft(roles());
    weft = second;
    const { call } = await signIn({ sub: "sam", groups: ["acme"] });
    expect((await second.get("/session", call)).body.organization.id).toBe(acme);
  }
  provider = before;
  {
    await using second = await startWeft(roles(), { WEFT_OIDC_GROUPS_CLAIM: "realm_access.roles" });
    weft = second;
    const { call } = await signIn({ sub: "sam", realm_access: { roles: ["acme"] } } as { sub: string });
    expect((await second.get("/session", call)).body.organization.id).toBe(acme);
  }
  weft = await startWeft(roles());
});
