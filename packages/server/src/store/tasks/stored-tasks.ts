import type { BackgroundTask, Task, TaskKind, TaskStatus } from "../../domain/background-task.ts";
import { firstIdAt, type OrganizationId, type TaskId } from "../../domain/id.ts";
import type { RecoveryStatus } from "../../domain/recovery.ts";
import { type RecoveryRow, recoveryOf } from "../recoveries/stored-recoveries.ts";
import { lastId, type ReadContext, type SqlValue, type WriteContext } from "../sql.ts";
import type { ListTasks, TaskOwner } from "./interface.ts";

/** A cancelled task is stored as a finished one whose progress begins with `cancelledMark`. */
export type StoredTaskStatus = "running" | "finished";

interface TaskRow {
  readonly id: TaskId;
  readonly kind: Task["kind"];
  readonly status: StoredTaskStatus;
  readonly progress: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export async function createTask(
  { sql }: WriteContext,
  { task, namespace = null }: { task: Task; namespace?: string | null },
): Promise<null> {
  await sql.run(
    `insert into background_task (id, organization_id, namespace, kind, status, progress, created_at, updated_at)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
    task.id,
    task.kind === "payload_purge" ? task.organizationId : null,
    namespace,
    task.kind,
    storedStatus(task),
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
    storedStatus(task),
    progressText(task),
    task.updatedAt,
    task.id,
  );
}

export async function cancelTask(
  { sql }: WriteContext,
  { organizationId, taskId, now }: { organizationId: OrganizationId | null; taskId: TaskId; now: number },
): Promise<boolean> {
  const [whose, values] = taskOwnedBy({ organizationId });
  const changed = await sql.run(
    `update background_task set status = 'finished', progress = '${cancelledMark},' || substr(progress, 2), updated_at = ?
     where id = ? and status = 'running' ${whose}`,
    now,
    taskId,
    ...values,
  );
  return changed > 0;
}

export async function readTask(
  context: ReadContext,
  { taskId, ...owner }: TaskOwner & { taskId: TaskId },
): Promise<BackgroundTask | null> {
  const { sql } = context;
  const [whoseRecovery, recoveryValues] = ownedBy(owner);
  const recovery = await sql.get<RecoveryRow>(
    `select * from recovery where id = ? ${whoseRecovery}`,
    taskId,
    ...recoveryValues,
  );
  if (recovery !== null) return { kind: "recovery", recovery: recoveryOf(recovery) };
  const [whose, values] = taskOwnedBy(owner);
  const task = await sql.get<TaskRow>(`select * from background_task where id = ? ${whose}`, taskId, ...values);
  return task === null ? null : taskOf(task);
}

/** Each part by itself has the page's tasks nearest to the cursor; the nearest of all are the page. */
export async function listTasks(context: ReadContext, params: ListTasks): Promise<BackgroundTask[]> {
  const { organizationId, includesSurveys, kind, oldestFirst, limit } = params;
  const recoveries =
    kind === null || isScope(kind)
      ? await rowsOf<RecoveryRow>(context, params, "recovery", "scope", ownedBy(params))
      : [];
  const own = taskOwnedBy(params);
  const owners = organizationId !== null && includesSurveys ? [own, operators] : [own];
  const tasks =
    kind === null || !isScope(kind)
      ? await Promise.all(owners.map((owner) => rowsOf<TaskRow>(context, params, "background_task", "kind", owner)))
      : [];
  const found: { id: string; task: BackgroundTask }[] = [
    ...recoveries.map((row) => ({ id: row.id, task: { kind: "recovery", recovery: recoveryOf(row) } as const })),
    ...tasks.flat().map((row) => ({ id: row.id, task: taskOf(row) })),
  ];
  found.sort((a, b) => (a.id < b.id === oldestFirst ? -1 : 1));
  return found.slice(0, limit).map(({ task }) => task);
}

async function rowsOf<Row>(
  { sql }: ReadContext,
  { statuses, kind, cursor, oldestFirst, limit }: ListTasks,
  table: "recovery" | "background_task",
  kindColumn: "scope" | "kind",
  [whose, values]: Owner,
): Promise<Row[]> {
  const conditions: string[] = [];
  const bound: SqlValue[] = [];
  if (statuses !== null && table === "recovery") {
    conditions.push(`and status in (${sql.dialect.eachText})`);
    bound.push(sql.dialect.textsValue(statuses.flatMap((status) => recoveryStatuses[status])));
  }
  if (statuses !== null && table === "background_task") {
    conditions.push(`and (${["1 = 0", ...statuses.map((status) => taskConditions[status])].join(" or ")})`);
  }
  if (kind !== null) {
    conditions.push(`and ${kindColumn} = ?`);
    bound.push(kind);
  }
  return await sql.all<Row>(
    `select * from ${table} where id ${oldestFirst ? ">" : "<"} ? ${whose} ${conditions.join(" ")}
     order by id ${oldestFirst ? "" : "desc"} limit ?`,
    cursor ?? (oldestFirst ? firstIdAt(0) : lastId),
    ...values,
    ...bound,
    limit,
  );
}

const recoveryStatuses = {
  running: ["running", "paused"],
  finished: ["completed"],
  failed: ["failed"],
  cancelled: ["cancelled"],
} as const satisfies Record<TaskStatus, readonly RecoveryStatus[]>;

const cancelledMark = '{"isCancelled":true';

const taskConditions: Readonly<Record<TaskStatus, string>> = {
  running: "status = 'running'",
  finished: `status = 'finished' and progress not like '${cancelledMark},%'`,
  failed: "1 = 0",
  cancelled: `status = 'finished' and progress like '${cancelledMark},%'`,
};

function isScope(kind: TaskKind): boolean {
  return kind === "undelivered" || kind === "never_sent" || kind === "replay";
}

type Owner = readonly [condition: string, values: readonly SqlValue[]];

const operators: Owner = ["and organization_id is null", []];

function ownedBy({ organizationId, namespace = null }: TaskOwner): Owner {
  if (organizationId !== null) return ["and organization_id = ?", [organizationId]];
  if (namespace === null) return ["", []];
  return ["and organization_id in (select id from organization where namespace = ?)", [namespace]];
}

/** The surveys of a namespace belong to no organization. */
function taskOwnedBy(owner: TaskOwner): Owner {
  const { organizationId, namespace = null } = owner;
  if (organizationId !== null || namespace === null) return ownedBy(owner);
  const ofTheirs = "organization_id in (select id from organization where namespace = ?)";
  return [`and (${ofTheirs} or background_task.namespace = ?)`, [namespace, namespace]];
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

function storedStatus({ status }: Task): StoredTaskStatus {
  return status === "running" ? "running" : "finished";
}

// Fields that have a column of their own are not repeated in the text.
function progressText({ id, kind, status, createdAt, updatedAt, ...progress }: Task): string {
  return JSON.stringify(status === "cancelled" ? { isCancelled: true, ...progress } : progress);
}

function taskOf({ id, kind, status: stored, progress, created_at: createdAt, updated_at: updatedAt }: TaskRow): Task {
  const { isCancelled = false, ...rest } = JSON.parse(progress) as { isCancelled?: boolean };
  return { ...rest, id, kind, status: isCancelled ? "cancelled" : stored, createdAt, updatedAt } as Task;
}
