import type { ApiKey, Scope } from "../../domain/api-key.ts";
import type { ApiKeyId, OrganizationId } from "../../domain/id.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { PageOf } from "../page.ts";
import { lastId, type ReadContext, type WriteContext } from "../sql.ts";
import type { ApiKeyOf, ApiKeyStore } from "./interface.ts";

export const lookUps = { findApiKey } satisfies QueriesOf<ApiKeyStore>;

export const lists = { listApiKeys } satisfies QueriesOf<ApiKeyStore>;

export const commands = { createApiKey, rotateApiKey, deleteApiKey } satisfies CommandsOf<ApiKeyStore>;

interface ApiKeyRow {
  readonly id: ApiKeyId;
  readonly organization_id: OrganizationId;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly old_hash_until: number | null;
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

async function rotateApiKey(
  { sql }: WriteContext,
  params: ApiKeyOf & { hash: string; prefix: string; overlapUntil: number | null },
): Promise<ApiKey | null> {
  const isOverlapping = params.overlapUntil !== null;
  await sql.run(
    `update api_key set old_hash = ${isOverlapping ? "hash" : "null"}, old_hash_until = ?, hash = ?, prefix = ?
     where id = ? and organization_id = ?`,
    params.overlapUntil,
    params.hash,
    params.prefix,
    params.keyId,
    params.organizationId,
  );
  return readApiKey({ sql }, params);
}

async function deleteApiKey({ sql }: WriteContext, params: ApiKeyOf): Promise<ApiKey | null> {
  const key = readApiKey({ sql }, params);
  await sql.run("delete from api_key where id = ? and organization_id = ?", params.keyId, params.organizationId);
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
    expiresAt: row.expires_at,
    overlapUntil: row.old_hash_until,
  };
}
