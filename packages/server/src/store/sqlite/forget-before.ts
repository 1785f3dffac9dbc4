import { firstIdAt } from "../../domain/id.ts";
import type { SqliteWriteContext } from "./write-context.ts";

/** Deletes the oldest messages with their deliveries and attempts, row by row. */
export function forgetBefore({ db }: SqliteWriteContext, params: { before: number; limit: number }): boolean {
  const ids = db.all<{ id: string }>(
    "select id from message where id < ? order by id limit ?",
    firstIdAt(params.before),
    params.limit,
  );
  const list = JSON.stringify(ids.map((row) => row.id));
  db.run("delete from attempt where message_id in (select value from json_each(?))", list);
  db.run("delete from delivery where message_id in (select value from json_each(?))", list);
  db.run("delete from message where id in (select value from json_each(?))", list);
  return ids.length === params.limit;
}
