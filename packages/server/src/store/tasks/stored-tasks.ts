import type { BackgroundTask, Task, TaskKind, TaskStatus } from "../../domain/background-task.ts";
import { firstIdAt, type OrganizationId, type TaskId } from "../../domain/id.ts";
import type { RecoveryStatus } from "../../domain/recovery.ts";
import { type RecoveryRow, recoveryOf } from "../recoveries/stored-recoveries.ts";
import { lastId, type ReadContext, type SqlValue, type WriteContext } from "../sql.ts";
import type { ListTasks } from "./interface.ts";

interface TaskRow {
  readonly id: TaskId;
  readonly kind: Task["kind"];
  readonly status: Task["status"];
  readonly progress: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export async function createTask({ sql }: WriteContext, { task }: { task: Task }): Promise<null> {
  await sql.run(
    `insert into background_task (id, organization_id, kind, status, progress, created_at, updated_at)
     values (?, ?, ?, ?, ?, ?, ?)`,
    task.id,
    task.kind === "payload_purge" ? task.organizationId : null,
    task.kind,
    task.status,
    progressText(task),
    task.createdAt,
    task.updatedAt,
  );
  return null;
}

export async function findRunningTasks({ sql }: ReadContext, { limit }: { limit: number }): Promise<TaskId[]> {
  const rows = await sql.all<{ id: TaskId }>(
    "select id from background_task where status = 'running' order by id limit ?",
    limit,
  );
  return rows.map(({ id }) => id);
}

/** Reads an unfinished task and locks it for its next step in this transaction. */
export async function lockTask({ sql }: WriteContext, taskId: TaskId): Promise<Task | null> {
  const row = await sql.get<TaskRow>(
    `select * from background_task where id = ? and status = 'running' ${sql.dialect.forUpdateSkipLocked}`,
    taskId,
  );
  return row === null ? null : taskOf(row);
}

export async function updateTask({ sql }: WriteContext, task: Task): Promise<void> {
  await sql.run(
    "update background_task set status = ?, progress = ?, updated_at = ? where id = ?",
    task.status,
    progressText(task),
    task.updatedAt,
    task.id,
  );
}

export async function readTask(
  context: ReadContext,
  { organizationId, taskId }: { organizationId: OrganizationId | null; taskId: TaskId },
): Promise<BackgroundTask | null> {
  const { sql } = context;
  const [whose, values] = ownedBy(organizationId);
  const recovery = await sql.get<RecoveryRow>(`select * from recovery where id = ? ${whose}`, taskId, ...values);
  if (recovery !== null) return { kind: "recovery", recovery: recoveryOf(recovery) };
  const task = await sql.get<TaskRow>(`select * from background_task where id = ? ${whose}`, taskId, ...values);
  return task === null ? null : taskOf(task);
}

/** Either table by itself has the page's tasks nearest to the cursor; the nearest of both are the page. */
export async function listTasks(context: ReadContext, params: ListTasks): Promise<BackgroundTask[]> {
  const { kind, oldestFirst, limit } = params;
  const recoveries =
    kind === null || isScope(kind) ? await rowsOf<RecoveryRow>(context, params, "recovery", "scope") : [];
  const tasks =
    kind === null || !isScope(kind) ? await rowsOf<TaskRow>(context, params, "background_task", "kind") : [];
  const found: { id: string; task: BackgroundTask }[] = [
    ...recoveries.map((row) => ({ id: row.id, task: { kind: "recovery", recovery: recoveryOf(row) } as const })),
    ...tasks.map((row) => ({ id: row.id, task: taskOf(row) })),
  ];
  found.sort((a, b) => (a.id < b.id === oldestFirst ? -1 : 1));
  return found.slice(0, limit).map(({ task }) => task);
}

async function rowsOf<Row>(
  { sql }: ReadContext,
  { organizationId, status, kind, cursor, oldestFirst, limit }: ListTasks,
  table: "recovery" | "background_task",
  kindColumn: "scope" | "kind",
): Promise<Row[]> {
  const [whose, values] = ownedBy(organizationId);
  const conditions: string[] = [];
  const statuses: SqlValue[] = [];
  if (status !== null) {
    conditions.push(`and status in (${sql.dialect.eachText})`);
    statuses.push(sql.dialect.textsValue(table === "recovery" ? recoveryStatuses[status] : [status]));
  }
  if (kind !== null) {
    conditions.push(`and ${kindColumn} = ?`);
    statuses.push(kind);
  }
  return await sql.all<Row>(
    `select * from ${table} where id ${oldestFirst ? ">" : "<"} ? ${whose} ${conditions.join(" ")}
     order by id ${oldestFirst ? "" : "desc"} limit ?`,
    cursor ?? (oldestFirst ? firstIdAt(0) : lastId),
    ...values,
    ...statuses,
    limit,
  );
}

const recoveryStatuses = {
  running: ["running", "paused"],
  finished: ["completed"],
  failed: ["failed", "cancelled"],
} as const satisfies Record<TaskStatus, readonly RecoveryStatus[]>;

function isScope(kind: TaskKind): boolean {
  return kind === "undelivered" || kind === "never_sent" || kind === "replay";
}

function ownedBy(organizationId: OrganizationId | null): [condition: string, values: SqlValue[]] {
  return organizationId === null ? ["", []] : ["and organization_id = ?", [organizationId]];
}

export async function deleteTasksBefore(
  { sql }: WriteContext,
  { before, limit }: { before: number; limit: number },
): Promise<number> {
  let deleted = 0;
  for (const table of ["recovery", "background_task"]) {
    deleted += await sql.run(
      `delete from ${table} where id in
         (select id from ${table} where id < ? and status <> 'running' order by id limit ?)`,
      firstIdAt(before),
      limit - deleted,
    );
  }
  return deleted;
}

// Fields that have a column of their own are not repeated in the text.
function progressText({ id, kind, status, createdAt, updatedAt, ...progress }: Task): string {
  return JSON.stringify(progress);
}

function taskOf({ id, kind, status, progress, created_at: createdAt, updated_at: updatedAt }: TaskRow): Task {
  return { ...(JSON.parse(progress) as object), id, kind, status, createdAt, updatedAt } as Task;
}
