import { firstIdAt } from "../../domain/id.ts";
import type { Params } from "../operations.ts";
import type { SqliteWriteContext } from "./write-context.ts";

type ForgetBefore = Params<"forgetBefore">;

/** Deletes the oldest messages with their deliveries and attempts, row by row. */
export function forgetBefore({ db }: SqliteWriteContext, params: ForgetBefore): boolean {
  if (params.onlyEmpty) return false;
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
