import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestDatabases } from "../../store/postgres/fixtures/test-databases.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, startWeft } from "../svix/fixtures/svix-clients.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const settings = {
  SQLite: async () => ({}),
  PostgreSQL: async () => ({
    WEFT_DATABASE_URL: await databases.fresh(),
    WEFT_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  }),
};

const headers = { "x-api-key": adminKey };

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  beforeAll(async () => {
    weft = await startWeft({
      ...(await settings[database]()),
      WEFT_SUBSCRIPTIONS_MAX: "3",
      WEFT_SOURCE_CONNECTIONS_MAX: "2",
      WEFT_TEST_SOURCES: "true",
    });
  });
  afterAll(() => weft[Symbol.asyncDispose]());

  test("subscriptions, listeners and endpoints of an organization are counted together, in both APIs", async () => {
    await weft.post("/api/v1/app", { name: "Acme", uid: "acme" }, { headers });
    const { body: organizations } = await weft.get("/v1/organizations", { headers });
    const acme = organizations.find(({ name }: { name: string }) => name === "Acme").id;
    const own = { headers: { ...headers, "x-organization-id": acme } };
    const subscription = { url: "https://example.com/", event_types: ["*"] };
    const ways = [
      () => weft.post("/v1/webhooks/subscriptions", subscription, own),
      () => weft.post("/v1/webhooks/listeners", { name: `listener-${Math.random()}` }, own),
      () => weft.post("/api/v1/app/acme/endpoint", { url: "https://example.com/" }, { headers }),
      () => weft.call("PUT", "/api/v1/app/acme/endpoint/by-uid", { body: { url: "https://example.com/" }, headers }),
    ];
    const first = await Promise.all(Array.from({ length: 24 }, (_, at) => ways[at % 3]?.()));
    const statuses = first.map((response) => response?.status ?? 0);
    expect(statuses.filter((status) => status === 200 || status === 201)).toHaveLength(3);
    for (const way of ways) {
      const refused = await way();
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ code: "quota_exceeded", detail: expect.stringContaining("3") });
    }
    expect((await weft.post("/v1/webhooks/subscriptions", subscription, { headers })).status).toBe(200);
    const [one] = (await weft.get("/v1/webhooks/subscriptions", own)).body;
    expect((await weft.delete(`/v1/webhooks/subscriptions/${one.id}`, own)).status).toBe(200);
    expect((await ways[0]?.())?.status).toBe(200);
  });

  test("source connections of an organization are counted over all of its collections", async () => {
    for (const readable_id of ["one-of-two", "two-of-two"]) {
      await weft.post("/v1/collections", { name: readable_id, readable_id }, { headers });
    }
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, at) => {
        const readable_collection_id = at % 2 === 0 ? "one-of-two" : "two-of-two";
        const authentication = { credentials: { stub_key: "key" } };
        const body = { short_name: "stub", readable_collection_id, authentication };
        return weft.post("/v1/source-connections", body, { headers });
      }),
    );
    expect(made.filter(({ status }) => status === 200)).toHaveLength(2);
    for (const { status, body } of made) if (status !== 200) expect(body.code).toBe("quota_exceeded");
  });
});
