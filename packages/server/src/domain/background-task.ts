// What was asked for, takes a while, and goes on by itself step by step, also after a restart.

import type { MessageId, OrganizationId, TaskId } from "./id.ts";
import type { Recovery } from "./recovery.ts";

export const taskStatuses = ["running", "finished", "failed"] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** Any task, as lists show it. A recovery has a table and routes of its own. */
export type BackgroundTask = { readonly kind: "recovery"; readonly recovery: Recovery } | Task;

/** A task other than a recovery. */
export type Task = PayloadPurge | Survey;

/** What lists may be asked for: the scopes of recoveries, and tasks. */
export type TaskKind = Recovery["scope"]["kind"] | Task["kind"];

interface TaskBase {
  readonly id: TaskId;
  readonly status: "running" | "finished";
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Deletes the payloads of all messages that an organization had published by then. */
export interface PayloadPurge extends TaskBase {
  readonly kind: "payload_purge";
  readonly organizationId: OrganizationId;
  /** Messages accepted before this time (ms). */
  readonly until: number;
  /** Messages that there were when it was asked for, those looked at, and those whose payload was deleted. */
  readonly total: number;
  readonly examined: number;
  readonly deleted: number;
  /** The last message looked at. */
  readonly cursor: MessageId;
}

/** Looks at organizations one after the other, and notes a fact of each. The operator's, and nobody else's. */
export interface Survey extends TaskBase {
  /** How many deliveries arrived, or which event types are subscribed to. */
  readonly kind: "delivery_survey" | "event_type_survey";
  /** Deliveries of messages accepted in [since, until) are counted (ms). Event types are those of now. */
  readonly since: number;
  readonly until: number;
  /** Organizations that are looked at in all. */
  readonly total: number;
  /** Still to be looked at, in order. */
  readonly left: readonly OrganizationId[];
  /** Of the first that is left: the last message looked at, and what was counted so far. */
  readonly cursor: MessageId;
  readonly counted: number;
  readonly found: readonly Finding[];
}

/** What was found out about one organization: deliveries that arrived, or the patterns that its subscriptions name. */
export interface Finding {
  readonly organizationId: OrganizationId;
  readonly uid: string | null;
  readonly delivered: number;
  readonly patterns: readonly string[];
}
