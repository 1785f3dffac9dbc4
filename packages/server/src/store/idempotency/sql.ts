import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { CommandsOf } from "../operations.ts";
import type { WriteContext } from "../sql.ts";
import type { IdempotencyStore, IdempotentRequest, IdempotentStart } from "./interface.ts";

export const commands = {
  beginIdempotent,
  finishIdempotent,
  deleteIdempotencyBefore,
} satisfies CommandsOf<IdempotencyStore>;

interface IdempotencyRow {
  readonly request_hash: string;
  readonly created_at: number;
  readonly status: number | null;
  readonly body: string | null;
}

async function beginIdempotent(
  { sql, vault }: WriteContext,
  request: IdempotentRequest & { now: number },
): Promise<IdempotentStart> {
  const { organizationId, key, requestHash, now } = request;
  const begun = await sql.run(
    `insert into idempotency (organization_id, key, request_hash, created_at) values (?, ?, ?, ?)
     on conflict (organization_id, key) do nothing`,
    organizationId,
    key,
    requestHash,
    now,
  );
  if (begun > 0) return { kind: "begun" };
  const row = await sql.get<IdempotencyRow>(
    `select request_hash, created_at, status, body from idempotency where organization_id = ? and key = ?
     ${sql.dialect.forUpdate}`,
    organizationId,
    key,
  );
  if (row !== null && row.created_at > now - limits.idempotencyKeptMs) {
    if (row.request_hash !== requestHash) return { kind: "conflict" };
    if (row.status !== null && row.body !== null) {
      return { kind: "answered", status: row.status, body: vault.open(row.body) };
    }
    if (row.created_at > now - limits.idempotencyUnfinishedMs) return { kind: "in_progress" };
  }
  await sql.run(
    `update idempotency set request_hash = ?, created_at = ?, status = null, body = null
     where organization_id = ? and key = ?`,
    requestHash,
    now,
    organizationId,
    key,
  );
  return { kind: "begun" };
}

async function finishIdempotent(
  { sql, vault }: WriteContext,
  params: { organizationId: OrganizationId; key: string; response: { status: number; body: string } | null },
): Promise<null> {
  const { organizationId, key, response } = params;
  if (response === null) {
    await sql.run(
      "delete from idempotency where organization_id = ? and key = ? and status is null",
      organizationId,
      key,
    );
  } else {
    await sql.run(
      "update idempotency set status = ?, body = ? where organization_id = ? and key = ?",
      response.status,
      vault.seal(response.body),
      organizationId,
      key,
    );
  }
  return null;
}

async function deleteIdempotencyBefore(
  { sql }: WriteContext,
  params: { before: number; limit: number },
): Promise<number> {
  return await sql.run(
    `delete from idempotency where (organization_id, key) in
       (select organization_id, key from idempotency where created_at < ? order by created_at limit ?)`,
    params.before,
    params.limit,
  );
}
