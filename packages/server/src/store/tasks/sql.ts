// The operations on tasks that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import { advanceChore } from "./advance-task.ts";
import type { TaskStore } from "./interface.ts";
import { createChore, deleteTasksBefore, findRunningChores, listTasks, readTask } from "./stored-tasks.ts";

export const lookUps = { findRunningChores, readTask } satisfies QueriesOf<TaskStore>;

export const lists = { listTasks } satisfies QueriesOf<TaskStore>;

export const commands = { createChore, advanceChore, deleteTasksBefore } satisfies CommandsOf<TaskStore>;
