// A requested operation that takes time. It advances step by step and resumes after a restart.

import type { MessageId, OrganizationId, TaskId } from "./id.ts";
import type { Recovery } from "./recovery.ts";

export const taskStatuses = ["running", "finished", "failed", "cancelled"] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** Any task, as lists return it. A recovery has its own table and routes. */
export type BackgroundTask = { readonly kind: "recovery"; readonly recovery: Recovery } | Task;

/** A task other than a recovery. */
export type Task = PayloadPurge | Survey;

/** The kinds that lists can filter by: the scopes of recoveries, and tasks. */
export type TaskKind = Recovery["scope"]["kind"] | Task["kind"];

interface TaskBase {
  readonly id: TaskId;
  /** A cancelled task keeps the results of its steps so far. */
  readonly status: "running" | "finished" | "cancelled";
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Deletes the payloads of all messages that an organization published before a time. */
export interface PayloadPurge extends TaskBase {
  readonly kind: "payload_purge";
  readonly organizationId: OrganizationId;
  /** It covers messages accepted before this time (ms). */
  readonly until: number;
  /** The number of these messages, of those examined, and of those whose payload was deleted. */
  readonly total: number;
  readonly examined: number;
  readonly deleted: number;
  /** The last message examined. */
  readonly cursor: MessageId;
}

/** Examines organizations one after the other and records one fact about each. Only operators can start a survey. */
export interface Survey extends TaskBase {
  /** It finds how many deliveries succeeded, or which event types are subscribed to. */
  readonly kind: "delivery_survey" | "event_type_survey";
  /** It counts deliveries of messages accepted in [since, until) (ms). Event types are the current ones. */
  readonly since: number;
  readonly until: number;
  /** The number of organizations to examine. */
  readonly total: number;
  /** The organizations that remain, in order. */
  readonly left: readonly OrganizationId[];
  /** The progress in the first remaining organization: the last message examined, and the count so far. */
  readonly cursor: MessageId;
  readonly counted: number;
  readonly found: readonly Finding[];
}

/** The result for one organization: its successful deliveries, or the patterns of its subscriptions. */
export interface Finding {
  readonly organizationId: OrganizationId;
  readonly uid: string | null;
  readonly delivered: number;
  readonly patterns: readonly string[];
}
