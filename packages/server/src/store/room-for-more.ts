import type { SqlValue, WriteContext } from "./sql.ts";

/** Things of which there may be so many. */
export interface Counted {
  /** The lock for counting: two transactions never create such a row at the same time. */
  readonly name: string;
  /** A select with a row for each that there is. */
  readonly rows: string;
  readonly values: readonly SqlValue[];
  readonly max: number;
}

/** Whether there may be so many more. Until the commit, no other transaction makes any that this one has not counted. */
export async function hasRoomFor(
  { sql }: Pick<WriteContext, "sql">,
  more: number,
  { name, rows, values, max }: Counted,
): Promise<boolean> {
  const { lockName } = sql.dialect;
  if (lockName !== null) await sql.get(lockName, name);
  const counted = await sql.get<{ count: number }>(
    `select count(*) as count from (${rows} limit ?) as counted`,
    ...values,
    max,
  );
  return (counted?.count ?? 0) + more <= max;
}
