import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../api/fixtures/running-weft.ts";

let weft: RunningWeft;

beforeAll(async () => {
  weft = await RunningWeft.start();
  await weft.post("/collections", { name: "Docs", readable_id: "docs" });
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
});

/**
 * Sources that send secrets to a host in their settings: settings, secrets, a change within the same host, and a change to
 * another host.
 */
const sources = {
  git: {
    config: { url: "https://git.example.com/team/docs.git" },
    credentials: { token: "kept" },
    same: { url: "https://git.example.com/team/other.git" },
    elsewhere: { url: "https://git.elsewhere.example/team/docs.git" },
    to: "https://git.elsewhere.example:443",
  },
  github: {
    config: { repository: "octo/docs" },
    credentials: { personal_access_token: "kept" },
    same: { repository: "octo/other", content: ["files"] },
    elsewhere: { repository: "octo/docs", api_url: "https://elsewhere.example/api/v3" },
    to: "https://elsewhere.example",
  },
  postgresql: {
    config: { host: "db.example.com", database: "shop", tables: ["orders"] },
    credentials: { user: "reader", password: "kept" },
    same: { host: "db.example.com", database: "shop", tables: ["customers"] },
    elsewhere: { host: "elsewhere.example", database: "shop", tables: ["orders"] },
    to: "elsewhere.example:5432",
  },
};

test.each(Object.entries(sources))(
  "credentials of %s are not sent to an address that they were not given for",
  async (short_name, { config, credentials, same, elsewhere, to }) => {
    const made = await weft.post("/source-connections", {
      name: short_name,
      short_name,
      readable_collection_id: "docs",
      config,
      authentication: { credentials },
      sync_immediately: false,
    });
    expect(made.status).toBe(200);
    const path = `/source-connections/${made.body.id}`;
    expect((await weft.patch(path, { config: same })).status).toBe(200);
    const refused = await weft.patch(path, { config: elsewhere });
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0]).toMatchObject({ loc: ["body", "config"], msg: expect.stringContaining(to) });
    expect(refused.text).not.toContain("kept");
    expect((await weft.get(path)).body.config).toMatchObject(same);
    expect((await weft.patch(path, { config: elsewhere, authentication: { credentials } })).status).toBe(200);
  },
);

test("a database that was read over a verified connection is read over another only if the password is given again", async () => {
  const { config, credentials } = sources.postgresql;
  const made = await weft.post("/source-connections", {
    name: "checked",
    short_name: "postgresql",
    readable_collection_id: "docs",
    config,
    authentication: { credentials },
    sync_immediately: false,
  });
  const refused = await weft.patch(`/source-connections/${made.body.id}`, { config: { ...config, ssl: "disable" } });
  expect(refused.status).toBe(422);
});

test("a caller without the scope secrets cannot send a subscription's headers to another host", async () => {
  const adminKey = "k".repeat(32);
  await using strict = await RunningWeft.start(
    { WEFT_ADMIN_KEY: adminKey, WEFT_ALLOW_HTTP: "true", WEFT_VERIFY_ENDPOINTS: "false" },
    "serve",
  );
  const as = (key: string) => ({ headers: { "x-api-key": key } });
  const keyWith = async (scopes: string[]) =>
    as((await strict.post("/api-keys", { name: scopes.join(), scopes }, as(adminKey))).body.key);
  const writer = await keyWith(["read", "write"]);
  const { id } = (
    await strict.post(
      "/webhooks/subscriptions",
      {
        url: "https://receiver.example.com/a",
        event_types: ["sync.*"],
        headers: { authorization: "Bearer kept", "x-team": "a" },
      },
      writer,
    )
  ).body;
  const path = `/webhooks/subscriptions/${id}`;
  const elsewhere = { url: "https://elsewhere.example.com/a" };
  const refusal = { status: 422, body: { errors: [{ loc: ["body", "headers"] }] } };
  expect((await strict.patch(path, { url: "https://receiver.example.com/b" }, writer)).status).toBe(200);
  expect(await strict.patch(path, elsewhere, writer)).toMatchObject(refusal);
  const masked = { ...elsewhere, headers: { authorization: "***" } };
  expect(await strict.patch(path, masked, writer)).toMatchObject(refusal);
  const organization = (await strict.get("/organizations", as(adminKey))).body[0].id;
  const endpoint = `/api/v1/app/${organization}/endpoint/${id}`;
  expect((await strict.patch(endpoint, elsewhere, writer)).status).toBe(422);
  expect((await strict.call("PUT", endpoint, { body: elsewhere, ...writer })).status).toBe(422);
  expect((await strict.get(path, writer)).body.url).toBe("https://receiver.example.com/b");
  expect((await strict.patch(path, { ...elsewhere, headers: { authorization: "Bearer mine" } }, writer)).status).toBe(
    200,
  );
  const reader = await keyWith(["read", "write", "secrets"]);
  expect((await strict.patch(path, { url: "https://third.example.com/" }, reader)).status).toBe(200);
});
