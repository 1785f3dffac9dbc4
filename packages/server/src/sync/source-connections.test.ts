import { expect, test } from "vitest";
import { newOrganization } from "../domain/organization.ts";
import { testSandbox } from "./fixtures/test-sandbox.ts";
import { keyOf, newConnection, openTestWeft } from "./fixtures/test-weft.ts";
import { directorySource } from "./sources/directory/directory-source.ts";
import { stubSource } from "./sources/stub/stub-source.ts";

const sources = [stubSource, directorySource({ allowedFolders: ["/"], sandbox: testSandbox })];
const credentials = { stub_key: "secret-key" };

async function opened() {
  const weft = await openTestWeft({ sources, starts: false });
  const request = { name: "Docs", readableId: "docs", syncConfig: null };
  await weft.collections.create(weft.organizationId, request);
  return weft;
}

test("a connection is announced before its first job, which begins unless the request says otherwise", async () => {
  await using weft = await opened();
  const { organizationId } = weft;
  const request = newConnection("stub", "docs", { credentials });
  const synced = await weft.connections.create(organizationId, { ...request, syncImmediately: null });
  expect(synced).toMatchObject({ name: "Stub Connection", lastJob: { state: "pending" }, authMethod: "direct" });
  const waiting = await weft.connections.create(organizationId, request);
  expect(waiting.lastJob).toBeNull();
  expect((await weft.events()).slice(1)).toMatchObject([
    { event_type: "source_connection.created", source_connection_id: synced.id, is_authenticated: true },
    { event_type: "sync.pending", source_connection_id: synced.id, collection_name: "Docs" },
    { event_type: "source_connection.created", source_connection_id: waiting.id },
  ]);
});

test("a source that needs no credentials is connected without any, or with an empty object", async () => {
  await using weft = await opened();
  const config = { path: "/tmp" };
  for (const settings of [{ config }, { config, credentials: {} }]) {
    const made = await weft.connections.create(weft.organizationId, newConnection("directory", "docs", settings));
    expect(made.authenticatedAt).not.toBeNull();
  }
});

test("methods that a source does not support are refused with a sentence that names the supported ones", async () => {
  await using weft = await opened();
  const request = newConnection("stub", "docs", {});
  const tokens = { accessToken: "t", refreshToken: null, expiresAt: null, client: null };
  const browser = { kind: "browser", client: { id: "c", secret: "s" }, redirectUrl: null } as const;
  for (const authentication of [
    { kind: "token", tokens } as const,
    browser,
    { kind: "provider" } as const,
    { kind: "oauth1" } as const,
  ]) {
    const create = weft.connections.create(weft.organizationId, { ...request, authentication });
    await expect(create).rejects.toMatchObject({ code: "authentication_method_unsupported" });
  }
  await expect(weft.connections.create(weft.organizationId, request)).rejects.toThrow(
    "Source stub does not support this authentication method (oauth_browser, which is what an absent `authentication` means). Supported methods: [direct].",
  );
});

test("unknown sources and collections are not found, and nothing is stored or announced", async () => {
  await using weft = await opened();
  const notFound = { code: "not_found" };
  const create = (source: string, collection: string) =>
    weft.connections.create(weft.organizationId, newConnection(source, collection, { credentials }));
  await expect(create("nothing", "docs")).rejects.toMatchObject(notFound);
  await expect(create("stub", "nowhere")).rejects.toMatchObject(notFound);
  expect(await weft.events()).toHaveLength(1);
});

test("every mistake in settings and credentials is located, and none of them contains a credential", async () => {
  await using weft = await opened();
  const config = { entity_count: 0, more: 1 };
  const create = weft.connections.create(weft.organizationId, newConnection("stub", "docs", { config, credentials }));
  await expect(create).rejects.toMatchObject({
    code: "validation_failed",
    mistakes: [
      { loc: ["body", "config", "entity_count"] },
      { loc: ["body", "config", "more"], type: "extra_forbidden" },
    ],
  });
  const missing = weft.connections.create(weft.organizationId, newConnection("stub", "docs", { credentials: {} }));
  await expect(missing).rejects.toMatchObject({
    mistakes: [{ loc: ["body", "authentication", "credentials", "stub_key"], type: "missing" }],
  });
});

test("patterns that leave the folder, and relative paths, are refused", async () => {
  await using weft = await opened();
  for (const config of [
    { path: "docs" },
    { path: "/a", include: ["../**"] },
    { path: "/a", include: ["a/../../b"] },
    { path: "/a", exclude: ["/etc/**"] },
    { path: "/a", max_file_bytes: 0 },
  ]) {
    const create = weft.connections.create(weft.organizationId, newConnection("directory", "docs", { config }));
    await expect(create, JSON.stringify(config)).rejects.toMatchObject({ code: "validation_failed" });
  }
});

test("settings and credentials are checked again when they change, and apply from the next job on", async () => {
  await using weft = await opened();
  const key = keyOf(await weft.connections.create(weft.organizationId, newConnection("stub", "docs", { credentials })));
  await expect(weft.connections.update(key, { config: { entity_count: -1 } })).rejects.toMatchObject({
    code: "validation_failed",
  });
  const changed = await weft.connections.update(key, {
    name: "Renamed",
    config: { entity_count: 3 },
    authentication: { kind: "direct", credentials: { stub_key: "other" } },
  });
  expect(changed).toMatchObject({ name: "Renamed", config: { entity_count: 3 } });
  expect(JSON.stringify(changed)).not.toContain("other");
  weft.runner.start();
  const { id } = await weft.connections.run(key);
  expect((await weft.ended(key, id)).counts.inserted).toBe(3);
});

test("another organization can neither run, cancel, change nor delete a connection", async () => {
  await using weft = await opened();
  const made = await weft.connections.create(weft.organizationId, newConnection("stub", "docs", { credentials }));
  const { id: jobId } = await weft.connections.run(keyOf(made));
  const organizationId = weft.origin.newId<"organization">();
  const now = weft.origin.now();
  const organization = newOrganization(organizationId, now, { name: "Other" });
  await weft.store.createOrganization({ organization });
  const key = { organizationId, sourceConnectionId: made.id };
  await expect(weft.connections.run(key)).rejects.toMatchObject({ code: "not_found" });
  expect(await weft.connections.cancel(key, jobId)).toBeNull();
  expect(await weft.connections.update(key, { name: "Mine" })).toBeNull();
  expect(await weft.connections.delete(key)).toBeNull();
  expect((await weft.store.readSyncJob({ ...keyOf(made), jobId }))?.state).toBe("pending");
});
