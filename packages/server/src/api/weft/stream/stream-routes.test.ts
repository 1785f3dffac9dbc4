import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jwtKeysIn } from "../../../auth/jwt-keys.ts";
import { SvixTokens } from "../../../auth/svix-tokens.ts";
import type { OrganizationId } from "../../../domain/id.ts";
import { RunningWeft } from "../../fixtures/running-weft.ts";
import { StreamReader } from "./fixtures/stream-reader.ts";

const adminKey = "an-admin-key-of-the-operator-0123456789";
const admin = { "x-api-key": adminKey };
const jwtSecret = "a secret that signs the tokens of applications";
const created = {
  event_type: "collection.created",
  collection_id: "770e8400-e29b-41d4-a716-446655440002",
  collection_name: "Sales Data",
  collection_readable_id: "sales-data-ab123",
  timestamp: "2026-01-15T14:30:00Z",
};

function publish(weft: RunningWeft): Promise<{ body: { id: string } }> {
  return weft.post("/v1/events", { event_type: created.event_type, payload: created }, { headers: admin });
}

test("changes between the end of one process and the start of the next reach a reader that reconnects", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-stream-"));
  const settings = { WEFT_ADMIN_KEY: adminKey, WEFT_DATABASE_URL: `sqlite:${folder}/weft.db` };
  try {
    let lastId = "";
    let ids: string[];
    {
      await using weft = await RunningWeft.start(settings, "serve");
      using reader = await StreamReader.open(`${weft.url}/v1/stream?events=message`, admin);
      const { body } = await publish(weft);
      expect((await reader.take(1))[0]?.data.id).toBe(body.id);
      lastId = reader.lastId;
      reader[Symbol.dispose]();
      ids = [(await publish(weft)).body.id];
    }
    await using again = await RunningWeft.start(settings, "serve");
    ids.push((await publish(again)).body.id);
    const headers = { ...admin, "last-event-id": lastId };
    using reader = await StreamReader.open(`${again.url}/v1/stream?events=message`, headers);
    ids.push((await publish(again)).body.id);
    expect((await reader.take(3)).map(({ data }) => data.id)).toEqual(ids);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a browser session, a portal link and an application's token may read a stream, and the last sees no syncs", async () => {
  await using weft = await RunningWeft.start(
    { WEFT_ADMIN_KEY: adminKey, WEFT_SVIX_JWT_SECRET: jwtSecret, WEFT_TEST_SOURCES: "true" },
    "serve",
  );
  const begun = await weft.post("/session", { api_key: adminKey });
  const cookie = begun.headers.get("set-cookie")?.split(";")[0] ?? "";
  const { token } = (await weft.post("/portal-sessions", {}, { headers: admin })).body;
  const application = await new SvixTokens(jwtKeysIn(jwtSecret, "HS256"), Date.now).applicationToken({
    organizationId: begun.body.organization.id as OrganizationId,
    featureFlags: [],
    expiresAt: Date.now() + 60_000,
  });
  const url = `${weft.url}/v1/stream?events=message&events=sync_job`;
  const readers = [
    await StreamReader.open(url, { cookie }),
    await StreamReader.open(url, { authorization: `Bearer ${token}` }),
    await StreamReader.open(url, { authorization: `Bearer ${application}` }),
  ];
  const { body: collection } = await weft.post("/collections", { name: "Docs" }, { headers: admin });
  const source = {
    short_name: "stub",
    readable_collection_id: collection.readable_id,
    authentication: { credentials: { stub_key: "sk-secret" } },
  };
  const made = await weft.post("/source-connections", source, { headers: admin });
  expect(made.status, made.text).toBe(200);
  const kinds: Set<string | null>[] = [];
  for (const reader of readers) {
    const seen = new Set<string | null>();
    for (let isOver = false; !isOver; ) {
      const [item] = await reader.take(1);
      seen.add(item?.event ?? null);
      isOver = item?.data.event_type === "sync.completed";
    }
    kinds.push(seen);
    reader[Symbol.dispose]();
  }
  expect(kinds).toEqual([new Set(["message", "sync_job"]), new Set(["message", "sync_job"]), new Set(["message"])]);
});

test("without a key, or without the scope, no stream opens", async () => {
  await using weft = await RunningWeft.start({ WEFT_ADMIN_KEY: adminKey }, "serve");
  const { body } = await weft.post("/api-keys", { scopes: ["publish"] }, { headers: admin });
  expect((await weft.get("/v1/stream")).status).toBe(401);
  expect((await weft.get("/v1/stream", { headers: { "x-api-key": body.key } })).status).toBe(403);
});

test("shutdown closes open streams without waiting for them", async () => {
  const weft = await RunningWeft.start({ WEFT_ADMIN_KEY: adminKey }, "serve");
  using reader = await StreamReader.open(`${weft.url}/v1/stream`, admin);
  const stopped = weft[Symbol.asyncDispose]();
  expect(await reader.take(1)).toMatchObject([{ event: "end", data: { code: "shutting_down" } }]);
  await stopped;
});
