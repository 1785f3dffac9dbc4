import type { AttemptId } from "../../domain/id.ts";
import { countRows } from "../count-rows.ts";
import type { ReadContext } from "../sql.ts";
import { isOf } from "../subscriptions/read-subscriptions.ts";
import type { CountAttempts, CountedAttempts } from "./interface.ts";

export async function countAttempts(context: ReadContext, params: CountAttempts): Promise<CountedAttempts> {
  const { subscriptionId, after, upTo, limit } = params;
  if (!(await isOf(context, params))) return { made: 0, failed: 0, last: null };
  const counted = await context.sql.get<{ made: number; last: AttemptId | null }>(
    `select cast(count(*) as integer) as made, max(cast(id as text)) as last from
       (select id from attempt where subscription_id = ? and id > ? and id <= ? order by id limit ?) as made`,
    subscriptionId,
    after,
    upTo,
    limit,
  );
  const { made, last } = counted ?? { made: 0, last: null };
  if (last === null) return { made: 0, failed: 0, last };
  const failed = await countRows(
    context,
    "attempt where subscription_id = ? and succeeded = 0 and id > ? and id <= ? order by id",
    [subscriptionId, after, last],
    limit,
  );
  return { made, failed, last };
}
