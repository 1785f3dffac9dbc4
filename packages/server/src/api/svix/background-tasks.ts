import { z } from "zod";
import { type Caller, operatesNamespace } from "../../auth/caller.ts";
import { assertNever } from "../../domain/assert-never.ts";
import type { BackgroundTask, TaskStatus as StoredStatus, TaskKind } from "../../domain/background-task.ts";
import { parseId, prefixed, type TaskId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { RecoveryStatus } from "../../domain/recovery.ts";
import { notFound } from "../../http/ids.ts";
import { type Route, route, StatusResponse } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { PageOf } from "../../store/page.ts";
import type { Store } from "../../store/store.ts";
import { listQuery, listSchema, order, positionIn, respondWithList } from "./lists.ts";

/** The names of tasks in Svix's SDKs. */
const taskNames = {
  undelivered: "endpoint.recover",
  never_sent: "endpoint.replay",
  replay: "endpoint.bulk-replay",
  payload_purge: "application.purge_content",
  delivery_survey: "application.stats",
  event_type_survey: "event-type.aggregate",
} as const satisfies Record<TaskKind, string>;

/** The states that the SDKs know. A cancelled task has failed. */
const taskStatuses = ["running", "finished", "failed"] as const;
type TaskStatus = (typeof taskStatuses)[number];

/** Tasks that the SDKs know and Weft does not have. */
const unknownHere = ["message.broadcast", "sdk.generate"] as const;

const taskFields = {
  id: z.string().describe("`qtask_…`"),
  status: z.enum(taskStatuses),
  task: z.enum(Object.values(taskNames)),
  updatedAt: timeResponse,
};

/** The response to a request that starts a task. */
export const startedResponse = z.object(taskFields).meta({ id: "BackgroundTaskStarted" });

const taskResponse = z
  .object({ ...taskFields, data: z.looseObject({}).describe("The task's parameters, progress and result.") })
  .meta({ id: "BackgroundTaskOut" });

export function taskStarted(task: BackgroundTask): StatusResponse {
  return new StatusResponse(202, headOf(task));
}

const tag = "Background Task";

export function backgroundTaskRoutes(store: Pick<Store, "readTask" | "listTasks">): Route[] {
  return [listTasks(store), getTask(store)];
}

function listTasks(store: Pick<Store, "listTasks">): Route {
  return route({
    method: "GET",
    path: "/background-task",
    operation: "v1.background-task.list",
    tag,
    summary: "List background tasks, newest first: of all applications for the operator, otherwise of one",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({
      ...listQuery,
      order: order("descending"),
      status: z.enum(taskStatuses).optional(),
      task: z.enum([...Object.values(taskNames), ...unknownHere]).optional(),
    }),
    response: listSchema(taskResponse),
    handle: async ({ caller, query: { limit, iterator, order, status, task } }) => {
      const position = positionIn(iterator, "qtask");
      const kind = (Object.keys(taskNames) as TaskKind[]).find((kind) => taskNames[kind] === task);
      const request = {
        ...ownerFor(caller),
        includesSurveys: false,
        statuses: status === undefined ? null : storedStatuses[status],
        kind: kind ?? null,
        oldestFirst: (order === "ascending") !== (position?.isBackwards ?? false),
      };
      const isUnknown = task !== undefined && kind === undefined;
      return await respondWithList({
        ...{ limit, position, prefix: "qtask", step: limits.pageStepOfLarge },
        read: async (part: PageOf<TaskId>) =>
          isUnknown ? [] : (await store.listTasks({ ...request, ...part })).map(withId),
        responseOf: ({ task }) => taskOf(task),
      });
    },
  });
}

function getTask(store: Pick<Store, "readTask">): Route {
  return route({
    method: "GET",
    path: "/background-task/:task_id",
    operation: "v1.background-task.get",
    tag,
    summary: "Get a background task with its progress and result",
    scope: "read",
    response: taskResponse,
    handle: async ({ caller, params }) => {
      const taskId = parseId<"task">("qtask", params.task_id ?? "");
      const found = taskId === null ? null : await store.readTask({ ...ownerFor(caller), taskId });
      if (found === null) throw notFound("Entity");
      return taskOf(found);
    },
  });
}

function withId(task: BackgroundTask): { id: TaskId; task: BackgroundTask } {
  // A recovery is a task with the same id.
  return { id: (task.kind === "recovery" ? task.recovery.id : task.id) as string as TaskId, task };
}

/** The applications whose tasks a caller sees: all of them, those of a namespace, or one. */
function ownerFor(caller: Caller) {
  if (caller.isOperator) return { organizationId: null };
  return operatesNamespace(caller)
    ? { organizationId: null, namespace: caller.namespace }
    : { organizationId: caller.organizationId };
}

function headOf(task: BackgroundTask): z.input<typeof startedResponse> {
  const { id, updatedAt } = task.kind === "recovery" ? task.recovery : task;
  const kind = task.kind === "recovery" ? task.recovery.scope.kind : task.kind;
  return { id: prefixed("qtask", id), status: statusOf(task), task: taskNames[kind], updatedAt: isoTime(updatedAt) };
}

function statusOf(task: BackgroundTask): TaskStatus {
  if (task.kind !== "recovery") return task.status === "cancelled" ? "failed" : task.status;
  return recoveryTaskStatus[task.recovery.status];
}

const storedStatuses = {
  running: ["running"],
  finished: ["finished"],
  failed: ["failed", "cancelled"],
} as const satisfies Record<TaskStatus, readonly StoredStatus[]>;

const recoveryTaskStatus = {
  running: "running",
  paused: "running",
  completed: "finished",
  failed: "failed",
  cancelled: "failed",
} as const satisfies Record<RecoveryStatus, TaskStatus>;

function taskOf(task: BackgroundTask): z.input<typeof taskResponse> {
  return { ...headOf(task), data: dataOf(task) };
}

function dataOf(task: BackgroundTask): Record<string, unknown> {
  switch (task.kind) {
    case "recovery": {
      const { organizationId, subscriptionId, since, until, total, recovered } = task.recovery;
      return {
        appId: prefixed("app", organizationId),
        endpointId: prefixed("ep", subscriptionId),
        since: isoTime(since),
        until: isoTime(until),
        total,
        done: recovered,
        messagesSent: recovered,
      };
    }
    case "payload_purge":
      return {
        appId: prefixed("app", task.organizationId),
        total: task.total,
        done: task.examined,
        messagesPurged: task.deleted,
      };
    case "delivery_survey":
      return {
        since: isoTime(task.since),
        until: isoTime(task.until),
        ...progressOf(task),
        ...(task.status === "finished" && {
          appStats: task.found.map(({ organizationId, uid, delivered }) => ({
            appId: prefixed("app", organizationId),
            appUid: uid,
            messageDestinations: delivered,
          })),
        }),
      };
    case "event_type_survey":
      return {
        ...progressOf(task),
        ...(task.status === "finished" && {
          event_types: task.found.map(({ organizationId, patterns }) => ({
            appId: prefixed("app", organizationId),
            explicitlySubscribedEventTypes: patterns.filter((pattern) => pattern !== "*"),
            hasCatchAllEndpoint: patterns.includes("*"),
          })),
        }),
      };
    default:
      return assertNever(task);
  }
}

function progressOf({ total, left }: { total: number; left: readonly unknown[] }) {
  return { total, done: total - left.length };
}
