// The conditions that filters put on a row of `attempt`.

import type { AttemptFilter } from "../../domain/attempt-filter.ts";
import { type AttemptId, firstIdAt } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { StatusClass } from "../../domain/status-class.ts";
import type { Conditions } from "../messages/conditions.ts";
import { lastId, type SqlValue } from "../sql.ts";

const classConditions: Readonly<Record<StatusClass, string>> = {
  no_response: "succeeded = 0 and response_status = 0",
  other: "succeeded = 0 and response_status > 0 and response_status not between 300 and 599",
  "2xx": "succeeded = 1",
  "3xx": "succeeded = 0 and response_status between 300 and 399",
  "4xx": "succeeded = 0 and response_status between 400 and 499",
  "5xx": "succeeded = 0 and response_status between 500 and 599",
};

export function attemptConditions({ statusClass, since, until }: AttemptFilter): Conditions {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  if (statusClass !== null) conditions.push(classConditions[statusClass]);
  if (since !== null) {
    conditions.push("started_at >= ?");
    values.push(since);
  }
  if (until !== null) {
    conditions.push("started_at < ?");
    values.push(until);
  }
  return { conditions, values };
}

/** Whether the index of failed attempts contains every attempt of the class. */
export function isFailure(statusClass: StatusClass | null): boolean {
  return statusClass !== null && statusClass !== "2xx";
}

/** The ids between which attempts that began in a window are; both ends are outside. An attempt gets its id when it ends. */
export function attemptIdBounds({ since, until }: Omit<AttemptFilter, "statusClass">): [AttemptId, AttemptId] {
  return [
    firstIdAt<"attempt">(since ?? 0),
    until === null ? (lastId as AttemptId) : firstIdAt<"attempt">(until + limits.attemptLastsMsMax),
  ];
}
