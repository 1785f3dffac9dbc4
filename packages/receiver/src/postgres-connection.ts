/** What the kit uses of PostgreSQL: a `Pool` or a `Client` of `pg`, or what looks like one. */
export interface PostgresConnection {
  query(text: string, values: (string | number | null)[]): Promise<{ readonly rows: unknown[] }>;
}

/** The time in milliseconds: the given one, else the database's own, so that the clocks of processes need not agree. */
export function clockOf(parameter: number): string {
  return `coalesce($${parameter}::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint)`;
}
