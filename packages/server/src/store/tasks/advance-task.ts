import { assertNever } from "../../domain/assert-never.ts";
import type { Finding, PayloadPurge, Survey, Task } from "../../domain/background-task.ts";
import { firstIdAt, type MessageId, type OrganizationId, type TaskId } from "../../domain/id.ts";
import { deletePayloads } from "../messages/delete-payloads.ts";
import { readOrganization } from "../organizations/sql.ts";
import type { WriteContext } from "../sql.ts";
import { lockTask, updateTask } from "./stored-tasks.ts";

export async function advanceTask(
  context: WriteContext,
  params: { taskId: TaskId; now: number; messagesMax: number },
): Promise<Task | null> {
  const task = await lockTask(context, params.taskId);
  if (task === null) return null;
  const after = { ...(await takeStep(context, task, params)), updatedAt: params.now };
  await updateTask(context, after);
  return after;
}

interface TaskStep {
  readonly now: number;
  readonly messagesMax: number;
}

async function takeStep(context: WriteContext, task: Task, step: TaskStep): Promise<Task> {
  switch (task.kind) {
    case "payload_purge":
      return await purgePayloads(context, task, step);
    case "delivery_survey":
      return await countDeliveries(context, task, step);
    case "event_type_survey":
      return await collectPatterns(context, task, step);
    default:
      return assertNever(task);
  }
}

async function purgePayloads(
  context: WriteContext,
  purge: PayloadPurge,
  { now, messagesMax }: TaskStep,
): Promise<PayloadPurge> {
  const rows = await context.sql.all<{ id: MessageId; is_kept: number }>(
    `select id, case when payload_deleted_at is null then 1 else 0 end as is_kept from message
     where organization_id = ? and id > ? and id < ? order by id limit ?`,
    purge.organizationId,
    purge.cursor,
    firstIdAt(purge.until),
    messagesMax,
  );
  const kept = rows.filter(({ is_kept }) => is_kept === 1).map(({ id }) => id);
  if (kept.length > 0) await deletePayloads(context, kept, now);
  return {
    ...purge,
    status: rows.length < messagesMax ? "finished" : "running",
    examined: purge.examined + rows.length,
    deleted: purge.deleted + kept.length,
    cursor: rows.at(-1)?.id ?? purge.cursor,
  };
}

async function countDeliveries(context: WriteContext, survey: Survey, { messagesMax }: TaskStep): Promise<Survey> {
  let after = survey;
  // An organization without messages is looked at as well, so it costs something too.
  for (let room = messagesMax; room > 0 && after.left.length > 0; ) {
    const [first, ...left] = after.left as [OrganizationId, ...OrganizationId[]];
    const rows = await context.sql.all<{ id: MessageId; delivered: number }>(
      `select id, (select count(*) from delivery where message_id = message.id and state = 'delivered') as delivered
       from message where organization_id = ? and id > ? and id < ? order by id limit ?`,
      first,
      after.cursor > firstIdAt(after.since) ? after.cursor : firstIdAt(after.since),
      firstIdAt(after.until),
      room,
    );
    const counted = after.counted + rows.reduce((sum, { delivered }) => sum + delivered, 0);
    const isDone = rows.length < room;
    room -= rows.length + organizationCost;
    after = isDone
      ? await noted(context, after, left, { organizationId: first, delivered: counted, patterns: [] })
      : { ...after, counted, cursor: rows.at(-1)?.id ?? after.cursor };
  }
  return { ...after, status: after.left.length === 0 ? "finished" : "running" };
}

const organizationCost = 10;

async function collectPatterns(context: WriteContext, survey: Survey, { messagesMax }: TaskStep): Promise<Survey> {
  let after = survey;
  for (let room = messagesMax; room > 0 && after.left.length > 0; room -= organizationCost) {
    const [first, ...left] = after.left as [OrganizationId, ...OrganizationId[]];
    const rows = await context.sql.all<{ pattern: string }>(
      "select distinct pattern from subscription_pattern where organization_id = ? order by pattern",
      first,
    );
    const patterns = rows.map(({ pattern }) => pattern);
    after = await noted(context, after, left, { organizationId: first, delivered: 0, patterns });
  }
  return { ...after, status: after.left.length === 0 ? "finished" : "running" };
}

/** Adds a finding and moves on to the next organization. One that was deleted meanwhile is left out. */
async function noted(
  context: WriteContext,
  survey: Survey,
  left: readonly OrganizationId[],
  finding: Omit<Finding, "uid">,
): Promise<Survey> {
  const organization = await readOrganization(context, finding);
  const found = organization === null ? survey.found : [...survey.found, { ...finding, uid: organization.uid }];
  return { ...survey, left, found, counted: 0, cursor: firstIdAt(survey.since) };
}
