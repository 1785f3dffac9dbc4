// The operations on recoveries that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { RecoveryStore } from "./interface.ts";
import { advanceRecovery, countRecoveryStep, noteCounted, previewRecovery } from "./recovery-steps.ts";
import {
  countOutcomes,
  createRecovery,
  findRunningRecoveries,
  listRecoveries,
  readRecovery,
  switchRecovery,
} from "./stored-recoveries.ts";

export const lookUps = { readRecovery, findRunningRecoveries } satisfies QueriesOf<RecoveryStore>;

export const lists = {
  previewRecovery,
  countRecoveryStep,
  countOutcomes,
  listRecoveries,
} satisfies QueriesOf<RecoveryStore>;

export const commands = {
  createRecovery,
  switchRecovery,
  noteCounted,
  advanceRecovery,
} satisfies CommandsOf<RecoveryStore>;
