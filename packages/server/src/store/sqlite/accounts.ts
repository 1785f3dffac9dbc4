import type { ApiKey, Organization, Scope } from "../../domain/account.ts";
import type { ApiKeyId, OrganizationId } from "../../domain/id.ts";
import type { PageOf } from "../store.ts";
import type { Reading, Writing } from "./transaction.ts";

const selectOrganization = "select id, name, created_at as createdAt, modified_at as modifiedAt from organization";

export function createOrganization({ db }: Writing, { organization }: { organization: Organization }): null {
  db.run(
    "insert into organization (id, name, created_at, modified_at) values (?, ?, ?, ?)",
    organization.id,
    organization.name,
    organization.createdAt,
    organization.modifiedAt,
  );
  return null;
}

export function readOrganization(
  { db }: Reading,
  { organizationId }: { organizationId: OrganizationId },
): Organization | null {
  return db.get<Organization>(`${selectOrganization} where id = ?`, organizationId);
}

export function readFirstOrganization({ db }: Reading): Organization | null {
  return db.get<Organization>(`${selectOrganization} order by id limit 1`);
}

export function listOrganizations({ db }: Reading, { cursor, limit }: PageOf<OrganizationId>): Organization[] {
  return db.all<Organization>(`${selectOrganization} where id < ? order by id desc limit ?`, cursor ?? "~", limit);
}

export function renameOrganization(
  { db }: Writing,
  params: { organizationId: OrganizationId; name: string; now: number },
): Organization | null {
  db.run(
    "update organization set name = ?, modified_at = ? where id = ?",
    params.name,
    params.now,
    params.organizationId,
  );
  return db.get<Organization>(`${selectOrganization} where id = ?`, params.organizationId);
}

export function deleteOrganization(
  writing: Writing,
  { organizationId }: { organizationId: OrganizationId },
): "deleted" | "in_use" | "not_found" {
  const { db } = writing;
  if (readOrganization(writing, { organizationId }) === null) return "not_found";
  const used = db.get(
    `select 1 from subscription where organization_id = ?1 and deleted_at is null
     union all select 1 from collection where organization_id = ?1 limit 1`.replaceAll("?1", "?"),
    organizationId,
    organizationId,
  );
  if (used !== null) return "in_use";
  db.run("delete from attempt where message_id in (select id from message where organization_id = ?)", organizationId);
  db.run("delete from delivery where message_id in (select id from message where organization_id = ?)", organizationId);
  for (const table of ["message", "idempotency", "recovery", "subscription"]) {
    db.run(`delete from ${table} where organization_id = ?`, organizationId);
  }
  db.run("delete from organization where id = ?", organizationId);
  writing.forget();
  return "deleted";
}

interface ApiKeyRow {
  readonly id: ApiKeyId;
  readonly organization_id: OrganizationId;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: string;
  readonly created_at: number;
  readonly expires_at: number | null;
}

export function createApiKey({ db }: Writing, { key, hash }: { key: ApiKey; hash: string }): null {
  db.run(
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

export function findApiKey({ db }: Reading, { hash, now }: { hash: string; now: number }): ApiKey | null {
  const row = db.get<ApiKeyRow>(
    "select * from api_key where hash = ? and (expires_at is null or expires_at > ?)",
    hash,
    now,
  );
  return row === null ? null : apiKeyOf(row);
}

export function listApiKeys({ db }: Reading, params: { organizationId: OrganizationId } & PageOf<ApiKeyId>): ApiKey[] {
  return db
    .all<ApiKeyRow>(
      "select * from api_key where organization_id = ? and id < ? order by id desc limit ?",
      params.organizationId,
      params.cursor ?? "~",
      params.limit,
    )
    .map(apiKeyOf);
}

interface KeyOf {
  readonly organizationId: OrganizationId;
  readonly keyId: ApiKeyId;
}

export function rotateApiKey({ db }: Writing, params: KeyOf & { hash: string; prefix: string }): ApiKey | null {
  db.run(
    "update api_key set hash = ?, prefix = ? where id = ? and organization_id = ?",
    params.hash,
    params.prefix,
    params.keyId,
    params.organizationId,
  );
  return readApiKey({ db }, params);
}

export function deleteApiKey({ db }: Writing, params: KeyOf): ApiKey | null {
  const key = readApiKey({ db }, params);
  db.run("delete from api_key where id = ? and organization_id = ?", params.keyId, params.organizationId);
  return key;
}

function readApiKey({ db }: Pick<Reading, "db">, { organizationId, keyId }: KeyOf): ApiKey | null {
  const row = db.get<ApiKeyRow>("select * from api_key where id = ? and organization_id = ?", keyId, organizationId);
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
  };
}
