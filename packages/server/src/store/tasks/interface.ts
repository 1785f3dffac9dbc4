import type { BackgroundTask, Task, TaskKind, TaskStatus } from "../../domain/background-task.ts";
import type { OrganizationId, TaskId } from "../../domain/id.ts";
import type { PageOf } from "../page.ts";

/**
 * Background tasks, which run by themselves in steps. Recoveries have an interface of their own and appear here in
 * lists.
 */
export interface TaskStore {
  /** Stores a task; a survey with the namespace whose token started it. */
  createTask(params: { task: Task; namespace?: string | null }): Promise<null>;
  /** Returns unfinished tasks of every tenant, oldest first. They are run by `upkeep`. */
  findRunningTasks(params: { limit: number }): Promise<TaskId[]>;
  /**
   * Takes one step of a task over at most `messagesMax` messages, or as many organizations. Its work and its progress
   * commit together. Null if the task has ended or another node is advancing it.
   */
  advanceTask(params: { taskId: TaskId; now: number; messagesMax: number }): Promise<Task | null>;
  /**
   * Ends a task before its next step; its steps so far are kept. Returns false if it has ended, or does not exist. With
   * an organization of null, a task of any organization or of the operator.
   */
  cancelTask(params: { organizationId: OrganizationId | null; taskId: TaskId; now: number }): Promise<boolean>;
  /** Returns a recovery or a task. */
  readTask(params: TaskOwner & { taskId: TaskId }): Promise<BackgroundTask | null>;
  /** Lists recoveries and tasks, newest first unless `oldestFirst` is set. */
  listTasks(params: ListTasks): Promise<BackgroundTask[]>;
  /** Deletes finished tasks that were created before a time, at most `limit`. Returns how many were deleted. */
  deleteTasksBefore(params: { before: number; limit: number }): Promise<number>;
}

/** The organizations whose tasks are read. */
export interface TaskOwner {
  /** Null for all organizations, and for the operators without a namespace. */
  readonly organizationId: OrganizationId | null;
  /** The namespace of the organizations and of the surveys; null for all of them. */
  readonly namespace?: string | null;
}

export interface ListTasks extends PageOf<TaskId>, TaskOwner {
  /** With an organization: whether the operators' own tasks, the surveys, are listed as well. */
  readonly includesSurveys: boolean;
  /** Null for any. */
  readonly statuses: readonly TaskStatus[] | null;
  /** Null for any. */
  readonly kind: TaskKind | null;
  readonly oldestFirst: boolean;
}
