import { type Attempt, expungedResponse } from "../../domain/attempt.ts";
import { type AttemptId, firstIdAt } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { type Conditions, messageConditions } from "../messages/conditions.ts";
import type { Page } from "../page.ts";
import { lastId, type ReadContext, type SqlValue, type WriteContext } from "../sql.ts";
import { type AttemptRow, attemptOf, recordedAttemptOf, type TypedAttemptRow, typedAttempt } from "./attempt-row.ts";
import type { AttemptKey, ListAttempts, RecordedAttempt } from "./interface.ts";

// The offset makes Postgres look up the rows of each attempt instead of joining a whole table.
const lookedUp = "limit 1 offset 0";

export async function readAttempt(
  { sql }: ReadContext,
  { organizationId, messageId, attemptId }: AttemptKey,
): Promise<Attempt | null> {
  const row = await sql.get<AttemptRow>(
    `select * from attempt where id = ? and message_id = ? and organization_id = ?`,
    attemptId,
    messageId,
    organizationId,
  );
  return row === null ? null : attemptOf(row);
}

export async function findAttempt(
  { sql }: ReadContext,
  { organizationId, attemptId }: Omit<AttemptKey, "messageId">,
): Promise<RecordedAttempt | null> {
  const row = await sql.get<TypedAttemptRow>(
    `select ${typedAttempt} from attempt as made where id = ? and organization_id = ?`,
    attemptId,
    organizationId,
  );
  return row === null ? null : recordedAttemptOf(row);
}

export async function expungeResponse(
  { sql }: WriteContext,
  { organizationId, messageId, attemptId }: AttemptKey,
): Promise<boolean> {
  const changed = await sql.run(
    "update attempt set response_body = ?, response_headers = null where id = ? and message_id = ? and organization_id = ?",
    expungedResponse,
    attemptId,
    messageId,
    organizationId,
  );
  return changed > 0;
}

export async function listAttempts(context: ReadContext, params: ListAttempts): Promise<Page<Attempt, AttemptId>> {
  const { limit, oldestFirst } = params;
  const range = rangeFor(params);
  const { conditions, values } = conditionsFor(context, params);
  const rows = await context.sql.all<AttemptRow>(
    `select * from (${range.rows("*")} limit ?) as made where ${conditions.join(" and ")}
       order by id ${oldestFirst ? "" : "desc"} limit ?`,
    ...range.values,
    limits.examinedForPageMax,
    ...values,
    limit + 1,
  );
  const found = rows.map(attemptOf);
  if (found.length > limit) return { items: found.slice(0, limit), next: found[limit - 1]?.id ?? null };
  const end = await context.sql.get<{ id: AttemptId }>(
    `${range.rows("id")} limit 1 offset ?`,
    ...range.values,
    limits.examinedForPageMax - 1,
  );
  return { items: found, next: end?.id ?? null };
}

interface Range {
  readonly rows: (columns: string) => string;
  readonly values: readonly SqlValue[];
}

/** The rows of an index that a page examines, in the order of the list. Failures have an index of their own. */
function rangeFor(params: ListAttempts): Range {
  const { messageId, subscriptionId, cursor, oldestFirst } = params;
  const since = firstIdAt<"attempt">(params.since ?? 0);
  const until = params.until === null ? lastId : firstIdAt<"attempt">(params.until);
  const after = oldestFirst && cursor !== null && cursor > since ? cursor : since;
  const before = !oldestFirst && cursor !== null && cursor < until ? cursor : until;
  const scope =
    messageId !== null
      ? "message_id = ?"
      : hasFailed(params)
        ? "subscription_id = ? and succeeded = 0"
        : "subscription_id = ?";
  return {
    rows: (columns) =>
      `select ${columns} from attempt where ${scope} and id > ? and id < ? order by id ${oldestFirst ? "" : "desc"}`,
    values: [messageId ?? subscriptionId, after, before],
  };
}

// Only a status between 200 and 299 is a success.
function hasFailed({ outcome, statusClass }: ListAttempts): boolean {
  return outcome === "failed" || (statusClass !== null && statusClass !== 200);
}

function conditionsFor({ sql }: ReadContext, params: ListAttempts): Conditions {
  const { organizationId, messageId, subscriptionId, outcome, statusClass } = params;
  const conditions = ["organization_id = ?"];
  const values: SqlValue[] = [organizationId];
  function where(condition: string, ...bound: SqlValue[]): void {
    conditions.push(condition);
    values.push(...bound);
  }
  if (messageId !== null && subscriptionId !== null) where("subscription_id = ?", subscriptionId);
  if (outcome === "succeeded") where("succeeded = 1");
  if (outcome === "failed") where("succeeded = 0");
  if (statusClass !== null) where("response_status >= ? and response_status < ?", statusClass, statusClass + 100);
  const message = messageConditions(sql.dialect, params);
  if (message.conditions.length > 0) {
    where(
      `exists (select 1 from message where message.id = made.message_id and ${message.conditions.join(" and ")} ${lookedUp})`,
      ...message.values,
    );
  }
  return { conditions, values };
}
