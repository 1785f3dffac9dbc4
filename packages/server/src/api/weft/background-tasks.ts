import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { type BackgroundTask, taskStatuses } from "../../domain/background-task.ts";
import { ApiError } from "../../domain/errors.ts";
import { prefixed, type TaskId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { RecoveryStatus } from "../../domain/recovery.ts";
import { idIn, notFound, taskKind } from "../../http/ids.ts";
import { cursorIn, pageQuery, respondWithListById } from "../../http/pages.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";

const taskResponse = z
  .object({
    id: z.string().describe("`qtask_…`"),
    kind: z
      .enum(["recovery", "payload_purge", "delivery_survey", "event_type_survey"])
      .describe("Operators alone see surveys, which examine organizations one after the other."),
    status: z.enum(taskStatuses).describe("`running` also means paused."),
    subscription_id: z.uuid().nullable().describe("The subscription of a recovery; otherwise null."),
    total: z
      .int()
      .nullable()
      .describe("The number of deliveries, messages or organizations that it covers; null until they are counted."),
    done: z.int(),
    created_at: timeResponse,
    updated_at: timeResponse,
  })
  .meta({ id: "BackgroundTask", description: "A recovery, a purge of payloads or a survey, which runs in steps." });

interface TaskParts {
  readonly store: Pick<Store, "listTasks" | "readTask" | "cancelTask" | "switchRecovery">;
  readonly now: () => number;
}

export function backgroundTaskRoutes(parts: TaskParts): Route[] {
  return [listTasks(parts), cancelTask(parts)];
}

function listTasks({ store }: TaskParts): Route {
  return route({
    method: "GET",
    path: "/background-tasks",
    operation: "listBackgroundTasks",
    tag: "background-tasks",
    summary: "List the organization's background tasks, newest first; operators also see their surveys",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({ ...pageQuery, status: z.enum(taskStatuses).optional() }),
    response: z.array(taskResponse),
    handle: async ({ caller, query: { limit, cursor, status }, nextPage }) =>
      await respondWithListById({
        limit,
        cursor: cursorIn<"task">(cursor, "qtask"),
        read: async (part) => {
          const tasks = await store.listTasks({
            organizationId: caller.organizationId,
            includesSurveys: caller.isOperator,
            statuses: status === undefined ? null : [status],
            kind: null,
            oldestFirst: false,
            ...part,
          });
          return tasks.map((task) => ({ id: idOf(task), task }));
        },
        responseOf: ({ task }) => taskOf(task),
        nextPage: (next) => nextPage(prefixed("qtask", next)),
        step: limits.pageStepOfLarge,
      }),
  });
}

function cancelTask({ store, now }: TaskParts): Route {
  return route({
    method: "POST",
    path: "/background-tasks/:task_id/cancel",
    operation: "cancelBackgroundTask",
    tag: "background-tasks",
    summary: "Cancel a background task permanently; its steps so far are kept",
    scope: "write",
    response: taskResponse,
    handle: async ({ caller, params }) => {
      const taskId = idIn<"task">(params, "task_id", taskKind);
      const task = await readTask(store, caller, taskId);
      if (task.kind === "recovery") {
        const { id: recoveryId, organizationId, subscriptionId } = task.recovery;
        await store.switchRecovery({ organizationId, subscriptionId, recoveryId, to: "cancelled", now: now() });
      } else {
        const organizationId = task.kind === "payload_purge" ? task.organizationId : null;
        await store.cancelTask({ organizationId, taskId, now: now() });
      }
      const after = taskOf(await readTask(store, caller, taskId));
      if (after.status !== "cancelled") {
        throw new ApiError("task_ended", `The background task is ${after.status} and cannot be cancelled.`);
      }
      return after;
    },
  });
}

/** Reads a task of the caller's organization, or a survey for an operator. */
async function readTask(store: TaskParts["store"], caller: Caller, taskId: TaskId): Promise<BackgroundTask> {
  const own = await store.readTask({ organizationId: caller.organizationId, taskId });
  if (own !== null) return own;
  const any = caller.isOperator ? await store.readTask({ organizationId: null, taskId }) : null;
  if (any === null || any.kind === "recovery" || any.kind === "payload_purge") throw notFound(taskKind.noun);
  return any;
}

function idOf(task: BackgroundTask): TaskId {
  // A recovery is a task with the same id.
  return (task.kind === "recovery" ? task.recovery.id : task.id) as string as TaskId;
}

const recoveryTaskStatus = {
  running: "running",
  paused: "running",
  completed: "finished",
  failed: "failed",
  cancelled: "cancelled",
} as const satisfies Record<RecoveryStatus, z.input<typeof taskResponse>["status"]>;

function taskOf(task: BackgroundTask): z.input<typeof taskResponse> {
  const { createdAt, updatedAt } = task.kind === "recovery" ? task.recovery : task;
  return {
    id: prefixed("qtask", idOf(task)),
    kind: task.kind,
    ...progressOf(task),
    created_at: isoTime(createdAt),
    updated_at: isoTime(updatedAt),
  };
}

function progressOf(
  task: BackgroundTask,
): Pick<z.input<typeof taskResponse>, "status" | "subscription_id" | "total" | "done"> {
  if (task.kind === "recovery") {
    const { status, subscriptionId, total, recovered } = task.recovery;
    return { status: recoveryTaskStatus[status], subscription_id: subscriptionId, total, done: recovered };
  }
  const done = task.kind === "payload_purge" ? task.examined : task.total - task.left.length;
  return { status: task.status, subscription_id: null, total: task.total, done };
}
