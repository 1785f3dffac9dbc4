// The operations on tasks that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import { advanceTask } from "./advance-task.ts";
import type { TaskStore } from "./interface.ts";
import { cancelTask, createTask, deleteTasksBefore, findRunningTasks, listTasks, readTask } from "./stored-tasks.ts";

export const lookUps = { findRunningTasks, readTask } satisfies QueriesOf<TaskStore>;

export const lists = { listTasks } satisfies QueriesOf<TaskStore>;

export const commands = { createTask, cancelTask, advanceTask, deleteTasksBefore } satisfies CommandsOf<TaskStore>;
