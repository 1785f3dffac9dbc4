import type { OrganizationId } from "../../domain/id.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { RevokedTokenStore, RevokedTokens } from "./interface.ts";

export const lookUps = { isTokenRevoked } satisfies QueriesOf<RevokedTokenStore>;

export const commands = { revokeTokens, forgetRevokedTokens } satisfies CommandsOf<RevokedTokenStore>;

async function revokeTokens({ sql }: WriteContext, params: RevokedTokens & { now: number }): Promise<null> {
  const { organizationId, names, issuedUntil, refusedFrom, neededUntil, now } = params;
  await sql.runEach(
    `insert into revoked_token (organization_id, name, issued_until, refused_from, needed_until) values (?, ?, ?, ?, ?)
     on conflict (organization_id, name, issued_until) do update set refused_from = excluded.refused_from
       where excluded.refused_from < revoked_token.refused_from`,
    names.map((name) => [organizationId, name, issuedUntil, refusedFrom, neededUntil]),
  );
  // A revocation that a later or wider one covers needs no row of its own, so each name has few rows.
  await sql.runEach(
    `delete from revoked_token where organization_id = ? and name = ? and exists (select 1 from revoked_token as later
       where later.organization_id = revoked_token.organization_id and later.name = revoked_token.name
         and later.issued_until > revoked_token.issued_until
         and (later.refused_from <= ? or later.refused_from <= revoked_token.refused_from))`,
    names.map((name) => [organizationId, name, now]),
  );
  return null;
}

async function isTokenRevoked(
  { sql }: ReadContext,
  params: { organizationId: OrganizationId; names: readonly string[]; issuedAt: number; now: number },
): Promise<boolean> {
  const found = await sql.get(
    `select 1 as revoked from revoked_token
     where organization_id = ? and name in (${sql.dialect.eachText}) and issued_until >= ? and refused_from <= ? limit 1`,
    params.organizationId,
    sql.dialect.textsValue(params.names),
    params.issuedAt,
    params.now,
  );
  return found !== null;
}

async function forgetRevokedTokens({ sql }: WriteContext, params: { now: number; limit: number }): Promise<number> {
  return await sql.run(
    `delete from revoked_token where (organization_id, name, issued_until) in
       (select organization_id, name, issued_until from revoked_token where needed_until <= ? order by needed_until limit ?)`,
    params.now,
    params.limit,
  );
}
