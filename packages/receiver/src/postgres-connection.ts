/** The part of PostgreSQL that the kit uses: a `Pool` or a `Client` of `pg`, or a similar object. */
export interface PostgresConnection {
  query(text: string, values: (string | number | null)[]): Promise<{ readonly rows: unknown[] }>;
}

/** The time in milliseconds: the given one, else the database's own, so that the clocks of processes need not agree. */
export function clockOf(parameter: number): string {
  return `coalesce($${parameter}::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint)`;
}
