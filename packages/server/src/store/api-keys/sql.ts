import type { ApiKey, Scope } from "../../domain/api-key.ts";
import type { ApiKeyId, OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { endMcpSubscriptionsOfKey } from "../mcp-subscriptions/sql.ts";
import type { CommandsOf, Params, QueriesOf } from "../operations.ts";
import type { PageOf, SortedPageOf } from "../page.ts";
import { sortedRows, timeKey } from "../sorted-rows.ts";
import { lastId, type ReadContext, type WriteContext } from "../sql.ts";
import type { ApiKeyOf, ApiKeySort, ApiKeyStore, KeyUse, SortedApiKey } from "./interface.ts";

export const lookUps = { findApiKey, readApiKey } satisfies QueriesOf<ApiKeyStore>;

export const lists = { listApiKeys, sortApiKeys } satisfies QueriesOf<ApiKeyStore>;

export const commands = { createApiKey, rotateApiKey, noteKeyUses, deleteApiKey } satisfies CommandsOf<ApiKeyStore>;

interface ApiKeyRow {
  readonly id: ApiKeyId;
  readonly organization_id: OrganizationId;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: string;
  readonly created_at: number;
  readonly rotated_at: number | null;
  readonly expires_at: number | null;
  readonly old_hash_until: number | null;
  readonly last_used_at: number | null;
}

async function createApiKey({ sql }: WriteContext, { key, hash }: { key: ApiKey; hash: string }): Promise<null> {
  await sql.run(
    `insert into api_key (id, organization_id, name, prefix, hash, scopes, created_at, expires_at)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
    key.id,
    key.organizationId,
    key.name,
    key.prefix,
    hash,
    JSON.stringify(key.scopes),
    key.createdAt,
    key.expiresAt,
  );
  return null;
}

async function findApiKey({ sql }: ReadContext, { hash, now }: { hash: string; now: number }): Promise<ApiKey | null> {
  const row = await sql.get<ApiKeyRow>(
    `select * from api_key
     where (hash = ? or (old_hash = ? and old_hash_until > ?)) and (expires_at is null or expires_at > ?)`,
    hash,
    hash,
    now,
    now,
  );
  return row === null ? null : apiKeyOf(row);
}

async function listApiKeys(
  { sql }: ReadContext,
  params: { organizationId: OrganizationId } & PageOf<ApiKeyId>,
): Promise<ApiKey[]> {
  const rows = await sql.all<ApiKeyRow>(
    "select * from api_key where organization_id = ? and id < ? order by id desc limit ?",
    params.organizationId,
    params.cursor ?? lastId,
    params.limit,
  );
  return rows.map(apiKeyOf);
}

const sortKeys: Readonly<Record<ApiKeySort, string>> = {
  name: "lower(name)",
  last_used: timeKey("last_used_at"),
  created: timeKey("created_at"),
};

async function sortApiKeys(
  context: ReadContext,
  { organizationId, ...page }: { organizationId: OrganizationId } & SortedPageOf<ApiKeyId, ApiKeySort>,
): Promise<SortedApiKey[]> {
  const rows = await sortedRows<ApiKeyRow, ApiKeyId, ApiKeySort>(context, {
    rows: "select * from api_key where organization_id = ?",
    values: [organizationId],
    keys: sortKeys,
    page,
  });
  return rows.map((row) => ({ key: apiKeyOf(row), position: { key: row.sort_key, id: row.id } }));
}

async function rotateApiKey({ sql }: WriteContext, params: Params<"rotateApiKey">): Promise<ApiKey | null> {
  const isOverlapping = params.overlapUntil !== null;
  await sql.run(
    `update api_key set old_hash = ${isOverlapping ? "hash" : "null"}, old_hash_until = ?, hash = ?, prefix = ?,
       rotated_at = ? where id = ? and organization_id = ?`,
    params.overlapUntil,
    params.hash,
    params.prefix,
    params.now,
    params.keyId,
    params.organizationId,
  );
  return readApiKey({ sql }, params);
}

// The condition keeps the nodes of a fleet from storing the uses of one key more often than once a minute together.
async function noteKeyUses({ sql }: WriteContext, { uses }: { uses: readonly KeyUse[] }): Promise<null> {
  for (const { keyId, usedAt } of uses) {
    await sql.run(
      "update api_key set last_used_at = ? where id = ? and (last_used_at is null or last_used_at <= ?)",
      usedAt,
      keyId,
      usedAt - limits.keyUseEveryMs,
    );
  }
  return null;
}

async function deleteApiKey(context: WriteContext, params: ApiKeyOf): Promise<ApiKey | null> {
  const { sql } = context;
  const key = await readApiKey({ sql }, params);
  if (key === null) return null;
  await sql.run("delete from api_key where id = ? and organization_id = ?", params.keyId, params.organizationId);
  await endMcpSubscriptionsOfKey(context, params.keyId);
  return key;
}

async function readApiKey(
  { sql }: Pick<ReadContext, "sql">,
  { organizationId, keyId }: ApiKeyOf,
): Promise<ApiKey | null> {
  const row = await sql.get<ApiKeyRow>(
    "select * from api_key where id = ? and organization_id = ?",
    keyId,
    organizationId,
  );
  return row === null ? null : apiKeyOf(row);
}

function apiKeyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    prefix: row.prefix,
    scopes: JSON.parse(row.scopes) as Scope[],
    createdAt: row.created_at,
    rotatedAt: row.rotated_at,
    expiresAt: row.expires_at,
    overlapUntil: row.old_hash_until,
    lastUsedAt: row.last_used_at,
  };
}
