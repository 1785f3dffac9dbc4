import type { ClientBase } from "pg";

/** The history of writes that a server continues. A promotion begins the next timeline of the same cluster. */
export interface History {
  readonly cluster: string;
  readonly timeline: number;
}

export interface ServerRole {
  /** False for a standby, and for a server that was set to read only. */
  readonly acceptsWrites: boolean;
  /** Null if the server does not report it. */
  readonly history: History | null;
}

/** Reads the role of the server behind a connection. */
export async function readServerRole(client: ClientBase): Promise<ServerRole> {
  // Both are sent at once. Only the first is required: some managed services do not report the history.
  const [role, history] = await Promise.allSettled([
    client.query<{ accepts_writes: boolean }>(
      "select current_setting('transaction_read_only') = 'off' as accepts_writes",
    ),
    client.query<{ cluster: string; wal_file: string | null }>(
      `select cast(system_identifier as text) as cluster,
         case when not pg_is_in_recovery() then pg_walfile_name(pg_current_wal_insert_lsn()) end as wal_file
       from pg_control_system()`,
    ),
  ]);
  if (role.status === "rejected") throw role.reason;
  const row = history.status === "fulfilled" ? history.value.rows[0] : undefined;
  return {
    acceptsWrites: role.value.rows[0]?.accepts_writes ?? false,
    history: row?.wal_file ? { cluster: row.cluster, timeline: timelineOf(row.wal_file) } : null,
  };
}

/** Source: PostgreSQL documentation, 9.28.3: the first eight hexadecimal digits of a WAL file name are its timeline. */
function timelineOf(walFile: string): number {
  return Number.parseInt(walFile.slice(0, 8), 16);
}

/** Whether the writes of a server were replaced by those of a server that was promoted later. */
export function isSuperseded(history: History | null, known: History | null): boolean {
  return isSameCluster(history, known) && (history?.timeline ?? 0) < (known?.timeline ?? 0);
}

/** Whether a server is another primary than the known one. */
export function isAnotherPrimary(history: History | null, known: History | null): boolean {
  if (history === null || known === null) return false;
  return !isSameCluster(history, known) || history.timeline !== known.timeline;
}

function isSameCluster(history: History | null, known: History | null): boolean {
  return history !== null && known !== null && history.cluster === known.cluster;
}
