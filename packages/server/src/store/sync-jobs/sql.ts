// The operations on sync jobs that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import {
  beginNextTry,
  cancelRunningJob,
  createScheduledJob,
  createSyncJob,
  endSyncJob,
  startSyncJob,
} from "./change-jobs.ts";
import { findAbandonedJobs, findPendingJobs, findUnfinishedJobs, listSyncJobs, readSyncJob } from "./find-jobs.ts";
import type { SyncJobStore } from "./interface.ts";
import { readSyncPlan } from "./read-sync-plan.ts";

export const lookUps = {
  readSyncJob,
  findUnfinishedJobs,
  findAbandonedJobs,
  findPendingJobs,
  readSyncPlan,
} satisfies QueriesOf<SyncJobStore>;

export const lists = { listSyncJobs } satisfies QueriesOf<SyncJobStore>;

export const commands = {
  createSyncJob,
  createScheduledJob,
  startSyncJob,
  beginNextTry,
  cancelRunningJob,
  endSyncJob,
} satisfies CommandsOf<SyncJobStore>;
