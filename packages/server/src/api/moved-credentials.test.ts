import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "./fixtures/running-weft.ts";

let weft: RunningWeft;

beforeAll(async () => {
  weft = await RunningWeft.start();
  await weft.post("/collections", { name: "Docs", readable_id: "docs" });
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
});

/** Sources that send secrets where their settings say: settings, secrets, a change within the same place, and one to another. */
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
  "credentials of %s go to no place that they were not given for",
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

test("a database that was asked over a checked connection is not asked over another without the password being given again", async () => {
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
