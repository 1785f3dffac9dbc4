import { afterAll, beforeAll, expect, test } from "vitest";
import { type DocumentedRights, documentedRights } from "../api/fixtures/rights-table.ts";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { adminKey, organizationToken, startWeft, tokens } from "../api/svix/fixtures/svix-clients.ts";
import { scopes as allScopes } from "../domain/api-key.ts";
import { type Capability, capabilities } from "./capabilities.ts";

const table = documentedRights();

let weft: RunningWeft;
let foreign: string;
beforeAll(async () => {
  weft = await startWeft();
  foreign = (await weft.post("/v1/organizations", { name: "Other" }, { headers: operator })).body.id;
});
afterAll(() => weft[Symbol.asyncDispose]());

const operator = { "x-api-key": adminKey };
const nothing = "00000000-0000-7000-8000-00000000dead";

interface TestResponse {
  readonly status: number;
  /** Why the caller was refused; null when it was not. */
  readonly refused: "unauthenticated" | "scope_missing" | null;
}

/** Calls a route with objects that do not exist, so that a call that is permitted changes nothing. */
async function call(
  { method, path }: Pick<DocumentedRights, "method" | "path">,
  headers: Record<string, string>,
  { query = "", body }: { query?: string; body?: unknown } = {},
): Promise<TestResponse> {
  const leaving = new AbortController();
  const url = weft.url + path.replaceAll(/\{\w+\}/g, nothing) + query;
  const isRead = method === "GET";
  const response = await fetch(url, {
    method,
    redirect: "manual",
    signal: leaving.signal,
    headers: { ...headers, ...(isRead ? {} : { "content-type": "application/json" }) },
    ...(isRead ? {} : { body: JSON.stringify(body ?? { unknown_field: 1 }) }),
  });
  const { status } = response;
  // After many unknown tokens, a 429 replaces the 401.
  if (status === 429) return { status, refused: "unauthenticated" };
  if (status !== 401 && status !== 403) {
    // A stream would not end.
    leaving.abort();
    return { status, refused: null };
  }
  const { code } = (await response.json()) as { code: string };
  if (status === 401) return { status, refused: "unauthenticated" };
  return { status, refused: ["scope_missing", "insufficient access"].includes(code) ? "scope_missing" : null };
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

async function keyWith(scopes: readonly string[], organizationId?: string): Promise<string> {
  const headers = organizationId === undefined ? operator : { ...operator, "x-organization-id": organizationId };
  return (await weft.post("/v1/api-keys", { name: scopes.join(), scopes }, { headers })).body.key;
}

function name({ method, path }: DocumentedRights): string {
  return `${method} ${path}`;
}

/** The access that the table grants a caller with these scopes. */
function isAllowed(
  { scopes, isOperators }: DocumentedRights,
  granted: readonly string[],
  isOperator: boolean,
): boolean {
  const hasScopes = granted.includes("admin") || scopes.every((scope) => granted.includes(scope));
  return hasScopes && (isOperator || !isOperators);
}

test("the table in docs/operate/security.md lists every route of both documents, and no other", async () => {
  const documented = async (path: string, prefix: string) => {
    const { paths } = (await weft.get(path)).body as { paths: Record<string, Record<string, object>> };
    return Object.entries(paths).flatMap(([route, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${prefix}${route}`),
    );
  };
  const expected = [...(await documented("/openapi.json", "/v1")), ...(await documented("/api/v1/openapi.json", ""))];
  expect(table.map(name).sort()).toEqual(expected.sort());
  expect(table.length).toBeGreaterThan(120);
});

test("the documents name the rights of the table for every operation", async () => {
  const [own, svix] = await Promise.all([weft.get("/openapi.json"), weft.get("/api/v1/openapi.json")]);
  for (const route of table) {
    const isSvix = route.path.startsWith("/api/");
    const { paths } = (isSvix ? svix : own).body;
    const operation = paths[isSvix ? route.path : route.path.slice("/v1".length)][route.method.toLowerCase()];
    if (route.needsNothing) expect(operation.security, name(route)).toEqual([]);
    for (const scope of route.scopes) expect(operation.description, name(route)).toContain(`\`${scope}\``);
    const says = (words: string) => operation.description?.includes(words) ?? false;
    expect(says("operator's alone"), name(route)).toBe(route.isOperators && !route.isNamespaces);
    expect(says("for the operator or a token of a namespace"), name(route)).toBe(route.isNamespaces);
  }
});

test("without a credential every route that needs one returns a 401", async () => {
  for (const route of table) {
    const { refused } = await call(route, {});
    expect(refused, name(route)).toBe(route.needsNothing ? null : "unauthenticated");
  }
});

test.each(allScopes)(
  "a key with the scope %s alone opens the routes of the table, in its own organization and in the first",
  async (scope) => {
    for (const [organizationId, isFirst] of [
      [undefined, true],
      [foreign, false],
    ] as const) {
      const headers = { "x-api-key": await keyWith([scope], organizationId) };
      for (const route of table) {
        const { refused } = await call(route, headers);
        const expected = route.needsNothing || isAllowed(route, [scope], isFirst && scope === "admin");
        expect(refused, `${name(route)}, ${isFirst ? "first" : "other"} organization`).toBe(
          expected ? null : "scope_missing",
        );
      }
    }
  },
);

test("a route that needs two scopes opens for a key with both, and for none that lacks one", async () => {
  const both = table.filter(({ scopes, isOperators }) => scopes.length > 1 && !isOperators);
  expect(both.length).toBeGreaterThanOrEqual(3);
  for (const route of both) {
    expect((await call(route, { "x-api-key": await keyWith(route.scopes) })).refused, name(route)).toBeNull();
    for (const lacking of route.scopes) {
      const others = allScopes.filter((scope) => scope !== lacking && scope !== "admin");
      expect((await call(route, { "x-api-key": await keyWith(others) })).refused, name(route)).toBe("scope_missing");
    }
  }
});

/** Calls that meet a condition of the table, by its text. */
const asking: Readonly<Record<string, { query?: string; body?: unknown }>> = {
  "`include_secret` is true": { query: "?include_secret=true" },
  "`everywhere` is true": { query: "?everywhere=true" },
  "`secret` is given": { body: { secret: `whsec_${Buffer.alloc(24, 7).toString("base64")}` } },
};

/** A search needs a text besides. */
function callMeeting(route: (typeof table)[number], when: string): { query?: string; body?: unknown } | undefined {
  const sent = asking[when];
  return route.path.endsWith("/webhooks/find") && sent !== undefined ? { query: `${sent.query}&q=x` } : sent;
}

test("a call with a condition of the table needs the additional right", async () => {
  const conditional = table.filter(({ conditions }) => conditions.length > 0);
  expect(conditional.length).toBeGreaterThanOrEqual(4);
  const first = { "x-api-key": adminKey };
  const other = await keyWith(["admin"], foreign);
  for (const route of conditional) {
    for (const { when, right } of route.conditions) {
      const sent = callMeeting(route, when);
      if (sent === undefined) throw new Error(`No call asks for the condition: ${when}.`);
      expect((await call(route, first, sent)).refused, name(route)).toBeNull();
      if (right === "the operator's rights") {
        expect((await call(route, { "x-api-key": other }, sent)).refused, name(route)).toBe("scope_missing");
        expect((await call(route, { "x-api-key": other })).refused, name(route)).toBeNull();
      } else if (!route.isOperators) {
        const without = { "x-api-key": await keyWith(route.scopes) };
        expect((await call(route, without, sent)).refused, name(route)).toBe("scope_missing");
        expect((await call(route, without, { ...(sent.body !== undefined && { body: {} }) })).refused).toBeNull();
        const withIt = { "x-api-key": await keyWith([...route.scopes, right]) };
        expect((await call(route, withIt, sent)).refused, name(route)).toBeNull();
      }
    }
  }
});

test.each(["read", "write", "secrets"])(
  "a portal link with the scope %s alone opens the routes of the table, and none of Svix' API",
  async (scope) => {
    const link = async () =>
      (await weft.post("/v1/portal-sessions", { scopes: [scope] }, { headers: operator })).body.token as string;
    let token = await link();
    for (const route of table.filter(({ path }) => path.startsWith("/v1"))) {
      const { refused, status } = await call(route, bearer(token));
      const expected = route.needsNothing || isAllowed(route, [scope], false);
      expect(refused, name(route)).toBe(expected ? null : "scope_missing");
      if (route.path === "/v1/session" && route.method === "DELETE") {
        expect(status).toBe(422);
        token = await link();
      }
    }
    const svix = table.find(({ path }) => path === "/api/v1/app/{app_id}/endpoint");
    expect((await call(svix ?? { method: "GET", path: "/api/v1/app" }, bearer(token))).refused).toBe("unauthenticated");
  },
);

test.each(["read", "publish", "admin"])(
  "a browser session of a key with the scope %s has its rights, and no others",
  async (scope) => {
    const key = await keyWith([scope], foreign);
    const begun = await weft.post("/v1/session", { api_key: key });
    const [cookie = ""] = (begun.headers.get("set-cookie") ?? "").split(";");
    for (const route of table.filter(({ path }) => path.startsWith("/v1"))) {
      const { refused } = await call(route, { cookie, "x-weft-console": "1" });
      const expected = route.needsNothing || isAllowed(route, [scope], false);
      expect(refused, name(route)).toBe(expected ? null : "scope_missing");
    }
  },
);

const tokensWith: readonly (readonly Capability[])[] = [
  ...capabilities.map((capability) => [capability]),
  ["ViewBase", "ManageEndpoint", "CreateAttempts"],
  ["ViewBase", "ViewEndpointSecret", "ManageEndpointSecret"],
  [...capabilities],
];

test.each(tokensWith.map((given) => ({ given })))(
  "an application's token with $given opens what the table says, in both APIs",
  async ({ given }) => {
    for (const route of table) {
      const token = await tokens().applicationToken({
        organizationId: weft.weft.organizationId,
        featureFlags: [],
        capabilities: given,
        expiresAt: Date.now() + 600_000,
      });
      const { refused } = await call(route, bearer(token));
      const isOpen =
        route.capabilities?.some((needed) => needed.every((one) => given.includes(one as Capability))) ?? false;
      expect(refused, name(route)).toBe(route.needsNothing || isOpen ? null : "scope_missing");
    }
  },
);

test("an organization token opens all of Svix' API, and none of Weft's own", async () => {
  for (const route of table) {
    const { refused } = await call(route, bearer(await organizationToken()));
    const isOpen = route.needsNothing || route.path.startsWith("/api/");
    expect(refused, name(route)).toBe(isOpen ? null : "unauthenticated");
  }
});

test("a key of another organization finds no data of this one, by any route of either API", async () => {
  const own = { headers: operator };
  const [subscription, key, collection] = await Promise.all([
    weft.post("/v1/webhooks/subscriptions", { url: "http://127.0.0.1:9/", event_types: ["*"] }, own),
    weft.post("/v1/api-keys", { name: "A key of the first organization" }, own),
    weft.post("/v1/collections", { name: "A collection of the first organization" }, own),
  ]);
  const connection = await weft.post(
    "/v1/source-connections",
    {
      short_name: "stub",
      readable_collection_id: collection.body.readable_id,
      authentication: { credentials: { stub_key: "k" } },
      sync_immediately: false,
    },
    own,
  );
  expect(connection.status, connection.text).toBe(200);
  const [job, messages] = await Promise.all([
    weft.post(`/v1/source-connections/${connection.body.id}/run`, {}, own),
    weft.get("/v1/webhooks/messages", own),
  ]);
  const recovery = await weft.post(
    `/v1/webhooks/subscriptions/${subscription.body.id}/recover`,
    { since: new Date(Date.now() - 1_000).toISOString() },
    own,
  );
  const ids: Readonly<Record<string, string>> = {
    app_id: weft.weft.organizationId,
    organization_id: weft.weft.organizationId,
    subscription_id: subscription.body.id,
    endpoint_id: subscription.body.id,
    message_id: messages.body[0].id,
    msg_id: messages.body[0].id,
    recovery_id: recovery.body.id,
    task_id: recovery.body.id.replace("rcvr", "qtask"),
    key_id: key.body.id,
    readable_id: collection.body.readable_id,
    source_connection_id: connection.body.id,
    job_id: job.body.id,
    attempt_id: nothing,
  };
  const theirs = { "x-api-key": await keyWith(["admin"], foreign) };
  const reachable = table.filter(({ needsNothing, isOperators }) => !needsNothing && !isOperators);
  for (const route of reachable.filter(({ path }) => /\{(?!event_type_name|short_name)/.test(path))) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_, place: string) => ids[place] ?? nothing);
    const body = route.method === "GET" ? {} : { body: bodies[name(route)] ?? {} };
    const reply = await weft.call(route.method, path + (queries[name(route)] ?? ""), { headers: theirs, ...body });
    expect(reply.status, `${name(route)} ${reply.text}`).toBe(404);
  }
  const lists = reachable.filter(
    ({ method, path }) => method === "GET" && !path.includes("{") && path !== "/v1/stream",
  );
  // The audit log of the calling organization records the request.
  const third = (await weft.post("/v1/organizations", { name: "Third" }, own)).body.id;
  const neighbour = await keyWith(["admin"], third);
  const secrets = [
    ids.subscription_id,
    ids.message_id,
    ids.key_id,
    ids.readable_id,
    ids.source_connection_id,
    ids.job_id,
  ];
  for (const { path } of lists) {
    const { text } = await weft.get(path, { headers: { "x-api-key": neighbour } });
    expect(
      secrets.filter((id) => text.includes(id ?? "")),
      path,
    ).toEqual([]);
  }
  expect(await weft.get(`/v1/webhooks/subscriptions/${ids.subscription_id}`, own)).toMatchObject({ status: 200 });
});

const since = new Date(0).toISOString();

/** Bodies that let a route with a required body find its object. */
const bodies: Readonly<Record<string, unknown>> = {
  "POST /v1/webhooks/subscriptions/{subscription_id}/recover": { since },
  "POST /v1/webhooks/subscriptions/{subscription_id}/test": { event_type: "sync.completed" },
  "POST /v1/source-connections/{source_connection_id}/verify-oauth": { claim_token: "x" },
  "PATCH /v1/organizations/{organization_id}": { name: "Theirs" },
  "PUT /v1/organizations/{organization_id}": { name: "Theirs" },
  "POST /v1/collections/{readable_id}/search": { query: "x" },
  "POST /v1/collections/{readable_id}/search/instant": { query: "x" },
  "POST /v1/collections/{readable_id}/search/classic": { query: "x" },
  "POST /v1/collections/{readable_id}/search/agentic": { query: "x" },
  "POST /v1/collections/{readable_id}/search/agentic/stream": { query: "x" },
  "POST /v1/webhooks/listeners/{subscription_id}/outcomes": {
    outcomes: [{ message_id: nothing, receipt: "1", status: 200, duration_ms: 1 }],
  },
  "POST /api/v1/app/{app_id}/endpoint": { url: "https://example.com/" },
  "PUT /api/v1/app/{app_id}/endpoint/{endpoint_id}": { url: "https://example.com/" },
  "PATCH /api/v1/app/{app_id}/endpoint/{endpoint_id}": { description: "Theirs" },
  "PUT /api/v1/app/{app_id}/endpoint/{endpoint_id}/headers": { headers: {} },
  "POST /api/v1/app/{app_id}/endpoint/{endpoint_id}/recover": { since },
  "POST /api/v1/app/{app_id}/endpoint/{endpoint_id}/replay-missing": { since },
  "POST /api/v1/app/{app_id}/endpoint/{endpoint_id}/bulk-replay": { since },
  "POST /api/v1/app/{app_id}/endpoint/{endpoint_id}/send-example": { eventType: "svix.ping" },
  "POST /api/v1/app/{app_id}/msg": { eventType: "svix.ping", payload: {} },
  "POST /api/v1/app/{app_id}/msg/precheck/active": { eventType: "svix.ping" },
  "POST /api/v1/app/{app_id}/msg/bulk-expunge": { ids: [nothing] },
};

const queries: Readonly<Record<string, string>> = {
  "GET /v1/webhooks/subscriptions/{subscription_id}/recoveries/preview": `?since=${since}`,
  "GET /v1/collections/{readable_id}/search": "?query=x",
};
