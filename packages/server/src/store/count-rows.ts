import type { ReadContext, SqlValue } from "./sql.ts";

export async function countRows(
  { sql }: ReadContext,
  rows: string,
  values: readonly SqlValue[],
  limit: number,
): Promise<number> {
  const counted = await sql.get<{ rows: number }>(
    `select cast(count(*) as integer) as rows from (select 1 from ${rows} limit ?) as made`,
    ...values,
    limit,
  );
  return counted?.rows ?? 0;
}
