import type { SourceConnectionId } from "../../domain/id.ts";
import { forgetAuthorizations } from "../authorizations/sql.ts";
import type { WriteContext } from "../sql.ts";

export async function purgeDeleted(context: WriteContext, { limit }: { limit: number }): Promise<boolean> {
  const { sql } = context;
  const connection = await sql.get<{ id: SourceConnectionId }>(
    `select id from source_connection where deleted_at is not null order by id limit 1 ${sql.dialect.forUpdateSkipLocked}`,
  );
  if (connection === null) {
    await sql.run(
      `delete from collection where id in (select id from collection where deleted_at is not null
         and not exists (select 1 from source_connection where collection_id = collection.id) limit ?)`,
      limit,
    );
    return (await sql.get("select 1 from collection where deleted_at is not null limit 1")) !== null;
  }
  const chunks = await sql.run(
    "delete from chunk where id in (select id from chunk where source_connection_id = ? limit ?)",
    connection.id,
    limit,
  );
  if (chunks === limit) return true;
  const entities = await sql.run(
    `delete from entity where (source_connection_id, id) in
       (select source_connection_id, id from entity where source_connection_id = ? limit ?)`,
    connection.id,
    limit,
  );
  if (entities === limit) return true;
  await forgetAuthorizations(context, connection.id);
  await sql.run("delete from sync_job where source_connection_id = ?", connection.id);
  await sql.run("delete from source_connection where id = ?", connection.id);
  return true;
}
