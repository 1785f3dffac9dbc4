import type { BackgroundTask, Task, TaskKind, TaskStatus } from "../../domain/background-task.ts";
import type { OrganizationId, TaskId } from "../../domain/id.ts";
import type { PageOf } from "../page.ts";

/**
 * Background tasks, which run by themselves in steps. Recoveries have an interface of their own and appear here in
 * lists.
 */
export interface TaskStore {
  /** Stores a task. */
  createTask(params: { task: Task }): Promise<null>;
  /** Returns unfinished tasks of every tenant, oldest first. They are run by `upkeep`. */
  findRunningTasks(params: { limit: number }): Promise<TaskId[]>;
  /**
   * Takes one step of a task over at most `messagesMax` messages, or as many organizations. Its work and its progress
   * commit together. Null if the task has ended or another node is advancing it.
   */
  advanceTask(params: { taskId: TaskId; now: number; messagesMax: number }): Promise<Task | null>;
  /** Returns a recovery or a task of one organization. With null, of any organization and of the operator. */
  readTask(params: { organizationId: OrganizationId | null; taskId: TaskId }): Promise<BackgroundTask | null>;
  /** Lists recoveries and tasks, newest first unless `oldestFirst` is set. */
  listTasks(params: ListTasks): Promise<BackgroundTask[]>;
  /** Deletes finished tasks that were created before a time, at most `limit`. Returns how many were deleted. */
  deleteTasksBefore(params: { before: number; limit: number }): Promise<number>;
}

export interface ListTasks extends PageOf<TaskId> {
  readonly organizationId: OrganizationId | null;
  /** Null for any. */
  readonly status: TaskStatus | null;
  readonly kind: TaskKind | null;
  readonly oldestFirst: boolean;
}
