import type { SqlValue, WriteContext } from "./sql.ts";

/** A kind of row whose number is bounded. */
export interface Counted {
  /** The lock for counting: two transactions never create such a row at the same time. */
  readonly name: string;
  /** A select with one row for each existing one. */
  readonly rows: string;
  readonly values: readonly SqlValue[];
  readonly max: number;
}

/**
 * Whether the bound allows this number of further rows. Until the commit, no other transaction can create one that this
 * one has not counted.
 */
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
