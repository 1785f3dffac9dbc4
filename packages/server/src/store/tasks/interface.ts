import type { BackgroundTask, Task, TaskKind, TaskStatus } from "../../domain/background-task.ts";
import type { OrganizationId, TaskId } from "../../domain/id.ts";
import type { PageOf } from "../page.ts";

/** Tasks that go on by themselves: tasks, and recoveries as tasks. */
export interface TaskStore {
  createTask(params: { task: Task }): Promise<null>;
  /** Chores that have not ended, oldest first. Of every tenant: the upkeep runs them. */
  findRunningTasks(params: { limit: number }): Promise<TaskId[]>;
  /**
   * Takes one step of a task over `messagesMax` messages, or as many organizations, at most. What is deleted or counted
   * and how far it got commit together. Null when it has ended, or another node is at it.
   */
  advanceTask(params: { taskId: TaskId; now: number; messagesMax: number }): Promise<Task | null>;
  /** A recovery or a task: of one organization, or of any and the operator's own where it is null. */
  readTask(params: { organizationId: OrganizationId | null; taskId: TaskId }): Promise<BackgroundTask | null>;
  /** The same for a list, newest first unless asked for the oldest. */
  listTasks(params: ListTasks): Promise<BackgroundTask[]>;
  /** Deletes tasks that were asked for before a time and have ended, `limit` at most. Answers how many. */
  deleteTasksBefore(params: { before: number; limit: number }): Promise<number>;
}

export interface ListTasks extends PageOf<TaskId> {
  readonly organizationId: OrganizationId | null;
  /** Null for any. */
  readonly status: TaskStatus | null;
  readonly kind: TaskKind | null;
  readonly oldestFirst: boolean;
}
