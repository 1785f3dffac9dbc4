import type { Collection, SourceConnection, SyncJob } from "@weft/sdk";
import { texts } from "../../texts/texts.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";

const { collections, connections, jobs } = texts.producers;

const collectionTones = {
  ACTIVE: "good",
  "NEEDS SOURCE": "quiet",
  ERROR: "bad",
} as const satisfies Record<Collection["status"], Tone>;

export function CollectionStatus({ status }: Pick<Collection, "status">) {
  return <Badge tone={collectionTones[status]}>{collections.statuses[status]}</Badge>;
}

const connectionTones = {
  pending_auth: "warning",
  active: "good",
  syncing: "info",
  error: "bad",
  needs_reauth: "bad",
  inactive: "quiet",
} as const satisfies Record<SourceConnection["status"], Tone>;

export function ConnectionStatus({ status }: Pick<SourceConnection, "status">) {
  return <Badge tone={connectionTones[status]}>{connections.statuses[status]}</Badge>;
}

const jobTones = {
  pending: "info",
  running: "info",
  cancelling: "warning",
  completed: "good",
  failed: "bad",
  cancelled: "quiet",
} as const satisfies Record<SyncJob["status"], Tone>;

export function JobStatus({ status }: Pick<SyncJob, "status">) {
  return <Badge tone={jobTones[status]}>{jobs.statuses[status]}</Badge>;
}

/** Whether a job may still change. */
export function isUnderWay({ status }: Pick<SyncJob, "status">): boolean {
  return status === "pending" || status === "running" || status === "cancelling";
}
