import { firstIdAt } from "../../domain/id.ts";
import type { Params } from "../operations.ts";
import type { PostgresDatabase } from "./database.ts";
import type { Partitions } from "./partitions.ts";

/**
 * Drops the oldest partitions, and the event ids of their messages; and creates the partitions that will be needed
 * next.
 */
export async function forgetBefore(
  { database, partitions, now }: { database: PostgresDatabase; partitions: Partitions; now: number },
  { before, limit, onlyEmpty }: Params<"forgetBefore">,
): Promise<boolean> {
  await partitions.cover([now]);
  if (onlyEmpty) return await partitions.dropBefore(before, { onlyEmpty });
  const forgotten = await database.write((sql) =>
    sql.run(
      `delete from event_id where (organization_id, event_id) in
         (select organization_id, event_id from event_id where message_id < ? order by message_id limit ?
          for update skip locked)`,
      firstIdAt(before),
      limit,
    ),
  );
  // An event id without its message would refuse the event without a reason.
  return forgotten === limit || (await partitions.dropBefore(before, { onlyEmpty }));
}
