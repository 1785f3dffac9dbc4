import { createHash } from "node:crypto";
import type { Authorization, OAuthTokens } from "../../domain/authorization.ts";
import type { AuthorizationId, OrganizationId, SourceConnectionId, SyncId, SyncJobId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { SourceConnectionKey, SourceConnectionView } from "../source-connections/interface.ts";
import type { ReadContext, Sql, WriteContext } from "../sql.ts";
import { createSyncJob } from "../sync-jobs/change-jobs.ts";
import type {
  AuthorizationFound,
  AuthorizationStore,
  FirstJob,
  RenewalKey,
  StoredAuthorization,
  StoredTokens,
} from "./interface.ts";

export const lookUps = { readTokens, readAuthorization } satisfies QueriesOf<AuthorizationStore>;

export const commands = {
  beginAuthorization,
  openAuthorization,
  takeAuthorization,
  completeAuthorization,
  claimAuthorization,
  deleteAuthorizationsBefore,
  claimRenewal,
  renewTokens,
  refuseTokens,
} satisfies CommandsOf<AuthorizationStore>;

interface AuthorizationRow {
  readonly id: AuthorizationId;
  readonly organization_id: OrganizationId;
  readonly source_connection_id: SourceConnectionId;
  readonly secrets: string;
  readonly redirect_url: string | null;
  readonly sync_immediately: number;
  readonly claim_hash: string | null;
  readonly created_at: number;
  readonly expires_at: number;
  readonly opened_at: number | null;
  readonly used_at: number | null;
  readonly granted_at: number | null;
  readonly claimed_at: number | null;
}

type Secrets = Pick<Authorization, "code" | "state" | "verifier" | "client">;

async function beginAuthorization(
  context: WriteContext,
  { authorization }: { authorization: Authorization },
): Promise<boolean> {
  const { sql } = context;
  if (!(await lockConnection(sql, authorization.sourceConnectionId))) return false;
  await forgetAuthorizations(context, authorization.sourceConnectionId);
  await insertAuthorization(context, authorization);
  return true;
}

export async function forgetAuthorizations(
  { sql }: WriteContext,
  sourceConnectionId: SourceConnectionId,
): Promise<void> {
  await sql.run("delete from source_authorization where source_connection_id = ?", sourceConnectionId);
}

export async function insertAuthorization({ sql, vault }: WriteContext, authorization: Authorization): Promise<void> {
  const { code, state, verifier, client } = authorization;
  const secrets: Secrets = { code, state, verifier, client };
  await sql.run(
    `insert into source_authorization (id, organization_id, source_connection_id, code_hash, state_hash, secrets,
       redirect_url, sync_immediately, claim_hash, created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    authorization.id,
    authorization.organizationId,
    authorization.sourceConnectionId,
    hashOf(code),
    hashOf(state),
    vault.seal(JSON.stringify(secrets)),
    authorization.redirectUrl,
    authorization.syncImmediately ? 1 : 0,
    authorization.claimHash,
    authorization.createdAt,
    authorization.expiresAt,
  );
}

async function openAuthorization(
  context: WriteContext,
  { code, now, until }: { code: string; now: number; until: number },
): Promise<AuthorizationFound> {
  const hash = hashOf(code);
  const opened = await context.sql.run(
    `update source_authorization set opened_at = ?, expires_at = ?
     where code_hash = ? and opened_at is null and expires_at > ?`,
    now,
    until,
    hash,
    now,
  );
  return await foundBy(context, "code_hash", hash, { isMine: opened > 0, usedAt: "opened_at" });
}

async function takeAuthorization(
  context: WriteContext,
  { state, now }: { state: string; now: number },
): Promise<AuthorizationFound> {
  const hash = hashOf(state);
  const taken = await context.sql.run(
    `update source_authorization set used_at = ?
     where state_hash = ? and opened_at is not null and used_at is null and expires_at > ?`,
    now,
    hash,
    now,
  );
  return await foundBy(context, "state_hash", hash, { isMine: taken > 0, usedAt: "used_at" });
}

/** The rows that a conditional update found. The authorization of a deleted connection is unknown. */
async function foundBy(
  { sql, vault }: ReadContext,
  column: "code_hash" | "state_hash",
  hash: string,
  { isMine, usedAt }: { isMine: boolean; usedAt: "opened_at" | "used_at" },
): Promise<AuthorizationFound> {
  const row = await sql.get<AuthorizationRow>(
    `select source_authorization.* from source_authorization
     join source_connection on source_connection.id = source_connection_id
     where ${column} = ? and deleted_at is null`,
    hash,
  );
  if (row === null) return { kind: "unknown" };
  if (isMine) return { kind: "found", authorization: authorizationOf(row, vault.open(row.secrets)) };
  return { kind: row[usedAt] === null ? "expired" : "used" };
}

async function completeAuthorization(
  context: WriteContext,
  params: {
    authorizationId: AuthorizationId;
    sourceConnectionId: SourceConnectionId;
    tokens: OAuthTokens;
    syncId: SyncId;
    now: number;
    announce: readonly Message[];
    first: FirstJob | null;
  },
): Promise<boolean> {
  const { sql } = context;
  const { sourceConnectionId, tokens, now } = params;
  if (!(await lockConnection(sql, sourceConnectionId))) return false;
  const granted = await sql.run(
    "update source_authorization set granted_at = ? where id = ? and source_connection_id = ? and used_at is not null",
    now,
    params.authorizationId,
    sourceConnectionId,
  );
  if (granted === 0) return false;
  await writeTokens(context, sourceConnectionId, tokens);
  await sql.run(
    `update source_connection set auth_method = 'oauth_browser', authenticated_at = ?, modified_at = ?,
       sync_id = coalesce(sync_id, ?) where id = ?`,
    now,
    now,
    params.syncId,
    sourceConnectionId,
  );
  await context.announce(params.announce);
  if (params.first !== null) await createSyncJob(context, params.first);
  return true;
}

async function readAuthorization(
  { sql, vault }: ReadContext,
  { organizationId, sourceConnectionId }: SourceConnectionKey,
): Promise<StoredAuthorization | null> {
  const row = await sql.get<AuthorizationRow>(
    `select source_authorization.* from source_authorization
     join source_connection on source_connection.id = source_connection_id
     where source_connection_id = ? and source_authorization.organization_id = ? and deleted_at is null
     order by source_authorization.id desc limit 1`,
    sourceConnectionId,
    organizationId,
  );
  if (row === null) return null;
  const { used_at: usedAt, granted_at: grantedAt, claimed_at: claimedAt } = row;
  const authorization = authorizationOf(row, vault.open(row.secrets));
  return { authorization, progress: { usedAt, grantedAt, claimedAt, expiresAt: authorization.expiresAt } };
}

async function claimAuthorization(
  context: WriteContext,
  params: {
    authorizationId: AuthorizationId;
    sourceConnectionId: SourceConnectionId;
    now: number;
    first: FirstJob | null;
  },
): Promise<boolean> {
  const { sql } = context;
  const { sourceConnectionId, first } = params;
  if (!(await lockConnection(sql, sourceConnectionId))) return false;
  const claimed = await sql.run(
    `update source_authorization set claimed_at = ?
     where id = ? and source_connection_id = ? and granted_at is not null and claimed_at is null`,
    params.now,
    params.authorizationId,
    sourceConnectionId,
  );
  if (claimed === 0) return false;
  if (first !== null) await createSyncJob(context, first);
  return true;
}

async function deleteAuthorizationsBefore(
  { sql }: WriteContext,
  { before, limit }: { before: number; limit: number },
): Promise<number> {
  return await sql.run(
    "delete from source_authorization where id in (select id from source_authorization where created_at < ? limit ?)",
    before,
    limit,
  );
}

async function readTokens(
  { sql, vault }: ReadContext,
  { sourceConnectionId }: { sourceConnectionId: SourceConnectionId },
): Promise<StoredTokens | null> {
  const row = await sql.get<{
    credentials: string | null;
    credentials_version: number;
    needs_reauth_at: number | null;
  }>(
    `select credentials, credentials_version, needs_reauth_at from source_connection
     where id = ? and deleted_at is null and auth_method in ('oauth_token', 'oauth_browser')`,
    sourceConnectionId,
  );
  if (row === null || row.credentials === null) return null;
  return {
    tokens: JSON.parse(vault.open(row.credentials)) as OAuthTokens,
    version: row.credentials_version,
    needsReauth: row.needs_reauth_at !== null,
  };
}

async function claimRenewal(
  { sql }: WriteContext,
  params: RenewalKey & { jobId: SyncJobId; now: number; until: number },
): Promise<boolean> {
  const claimed = await sql.run(
    `update source_connection set renewal_job_id = ?, renewal_until = ?
     where id = ? and credentials_version = ? and deleted_at is null
       and (renewal_until is null or renewal_until <= ? or renewal_job_id = ?)`,
    params.jobId,
    params.until,
    params.sourceConnectionId,
    params.version,
    params.now,
    params.jobId,
  );
  return claimed > 0;
}

async function renewTokens(
  context: WriteContext,
  params: RenewalKey & { tokens: OAuthTokens; now: number },
): Promise<boolean> {
  if (!(await isCurrent(context.sql, params))) return false;
  await writeTokens(context, params.sourceConnectionId, params.tokens);
  return true;
}

async function refuseTokens({ sql }: WriteContext, params: RenewalKey & { now: number }): Promise<boolean> {
  if (!(await isCurrent(sql, params))) return false;
  await sql.run(
    "update source_connection set needs_reauth_at = coalesce(needs_reauth_at, ?) where id = ?",
    params.now,
    params.sourceConnectionId,
  );
  return true;
}

async function isCurrent(sql: Sql, { sourceConnectionId, version }: RenewalKey): Promise<boolean> {
  const row = await sql.get(
    `select 1 from source_connection where id = ? and credentials_version = ? and deleted_at is null
     ${sql.dialect.forUpdate}`,
    sourceConnectionId,
    version,
  );
  return row !== null;
}

/** Whether the connection exists. Locks it until the commit. */
async function lockConnection(sql: Sql, sourceConnectionId: SourceConnectionId): Promise<boolean> {
  const row = await sql.get(
    `select 1 from source_connection where id = ? and deleted_at is null ${sql.dialect.forUpdate}`,
    sourceConnectionId,
  );
  return row !== null;
}

async function writeTokens(
  { sql, vault }: WriteContext,
  sourceConnectionId: SourceConnectionId,
  tokens: OAuthTokens,
): Promise<void> {
  await sql.run(
    `update source_connection set credentials = ?, tokens_expire_at = ?, ${newCredentials} where id = ?`,
    vault.seal(JSON.stringify(tokens)),
    tokens.expiresAt,
    sourceConnectionId,
  );
}

/** The columns that change together with the credentials. */
export const newCredentials = `credentials_version = credentials_version + 1, needs_reauth_at = null,
  renewal_job_id = null, renewal_until = null`;

/** The authorization that waits to be opened. */
export async function waitingAuthorization(
  { sql, vault }: ReadContext,
  sourceConnectionId: SourceConnectionId,
): Promise<SourceConnectionView["authorization"]> {
  const row = await sql.get<AuthorizationRow>(
    "select * from source_authorization where source_connection_id = ? and opened_at is null order by id desc limit 1",
    sourceConnectionId,
  );
  if (row === null) return null;
  const { code, redirectUrl, expiresAt } = authorizationOf(row, vault.open(row.secrets));
  return { code, redirectUrl, expiresAt };
}

function authorizationOf(row: AuthorizationRow, secrets: string): Authorization {
  return {
    ...(JSON.parse(secrets) as Secrets),
    id: row.id,
    organizationId: row.organization_id,
    sourceConnectionId: row.source_connection_id,
    redirectUrl: row.redirect_url,
    syncImmediately: row.sync_immediately === 1,
    claimHash: row.claim_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

// Codes and states are random and long, so a plain hash gives nothing away.
function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
