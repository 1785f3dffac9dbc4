// Questions and commands whose SQL both databases understand, by the names of the store interface.

import * as tallies from "./attempt-counts/sql.ts";
import { listAttempts } from "./attempts/list-attempts.ts";
import * as madeAttempts from "./attempts/made-attempts.ts";
import * as auditEntries from "./audit/sql.ts";
import * as authorizations from "./authorizations/sql.ts";
import { readBacklog } from "./backlog/sql.ts";
import * as collections from "./collections/sql.ts";
import type { OperationName, Params, Result } from "./commit/batch.ts";
import * as counts from "./deliveries/count-deliveries.ts";
import { listDeliveries } from "./deliveries/list-deliveries.ts";
import { listMessageSubscriptions } from "./deliveries/list-message-subscriptions.ts";
import { listReceivers } from "./deliveries/list-receivers.ts";
import { resendMessage } from "./deliveries/resend-message.ts";
import * as entities from "./entities/sql.ts";
import * as eventTypes from "./event-types/sql.ts";
import { fanOutWaits } from "./fan-out/sql.ts";
import * as listeners from "./listeners/sql.ts";
import { listMessages } from "./messages/list-messages.ts";
import * as messages from "./messages/read-messages.ts";
import * as accounts from "./organizations/sql.ts";
import { outboxWaits } from "./outbox/sql.ts";
import * as recoverySteps from "./recoveries/recovery-steps.ts";
import * as recoveries from "./recoveries/stored-recoveries.ts";
import * as endedTokens from "./revoked-tokens/sql.ts";
import * as sealingKeys from "./sealing/sql.ts";
import * as sourceConnections from "./source-connections/change-connections.ts";
import type { Reading, Writing } from "./sql.ts";
import * as subscriptions from "./subscriptions/change-subscriptions.ts";
import { searchSubscriptions } from "./subscriptions/search-subscriptions.ts";
import * as signingSecrets from "./subscriptions/signing-secrets.ts";
import * as syncJobs from "./sync-jobs/change-jobs.ts";
import { readSyncPlan } from "./sync-jobs/read-sync-plan.ts";
import { advanceChore } from "./tasks/advance-task.ts";
import * as tasks from "./tasks/stored-tasks.ts";
import { noteHoldBacks } from "./throttle-states/sql.ts";

export type Question<Name extends OperationName> = (reading: Reading, params: Params<Name>) => Promise<Result<Name>>;
type SharedCommand<Name extends OperationName> = (writing: Writing, params: Params<Name>) => Promise<Result<Name>>;

/** Questions that a few rows answer. */
export const sharedLookUps = {
  readOrganization: accounts.readOrganization,
  findOrganization: accounts.findOrganization,
  readFirstOrganization: accounts.readFirstOrganization,
  findApiKey: accounts.findApiKey,
  readMessage: messages.readMessage,
  findMessage: messages.findMessage,
  readAttempt: madeAttempts.readAttempt,
  findAttempt: madeAttempts.findAttempt,
  outboxWaits,
  fanOutWaits,
  readSubscription: subscriptions.readSubscription,
  findSubscription: subscriptions.findSubscription,
  isWanted: subscriptions.isWanted,
  readSecrets: signingSecrets.readSecrets,
  readKeptSecrets: signingSecrets.readKeptSecrets,
  readTarget: signingSecrets.readTarget,
  readListener: listeners.readListener,
  readHeld: listeners.readHeld,
  findSilentListeners: listeners.findSilentListeners,
  readRecovery: recoveries.readRecovery,
  findRunningRecoveries: recoveries.findRunningRecoveries,
  findRunningChores: tasks.findRunningChores,
  readTask: tasks.readTask,
  isTokenEnded: endedTokens.isTokenEnded,
  readCollection: collections.readCollection,
  readSourceConnection: sourceConnections.readSourceConnection,
  readSyncJob: syncJobs.readSyncJob,
  findUnfinishedJobs: syncJobs.findUnfinishedJobs,
  findAbandonedJobs: syncJobs.findAbandonedJobs,
  findPendingJobs: syncJobs.findPendingJobs,
  findDueConnections: sourceConnections.findDueConnections,
  findWatchedConnections: sourceConnections.findWatchedConnections,
  readSyncPlan,
  readTokens: authorizations.readTokens,
  readCredentials: sourceConnections.readCredentials,
  readSyncCursor: sourceConnections.readSyncCursor,
  readEntityHashes: entities.readEntityHashes,
  readEventTypes: eventTypes.readEventTypes,
  readEventTypesState: eventTypes.readEventTypesState,
  isSealingDue: sealingKeys.isSealingDue,
} satisfies { [Name in OperationName]?: Question<Name> };

/** Questions for which many rows may be read. */
export const sharedLists = {
  listOrganizations: accounts.listOrganizations,
  listApiKeys: accounts.listApiKeys,
  listAuditEntries: auditEntries.listAuditEntries,
  listMessages,
  readMessages: messages.readMessages,
  listAttempts,
  listMadeAttempts: madeAttempts.listMadeAttempts,
  countAttempts: counts.countAttempts,
  listDeliveries,
  countDeliveries: counts.countDeliveries,
  countStates: counts.countStates,
  readBacklog,
  listReceivers,
  listMessageSubscriptions,
  listSubscriptions: subscriptions.listSubscriptions,
  searchSubscriptions,
  previewRecovery: recoverySteps.previewRecovery,
  countRecoveryStep: recoverySteps.countRecoveryStep,
  countOutcomes: recoveries.countOutcomes,
  listRecoveries: recoveries.listRecoveries,
  listTasks: tasks.listTasks,
  tallyAttempts: tallies.tallyAttempts,
  countMessages: tasks.countMessages,
  listCollections: collections.listCollections,
  countCollections: collections.countCollections,
  listSourceConnections: sourceConnections.listSourceConnections,
  listSyncJobs: syncJobs.listSyncJobs,
} satisfies { [Name in OperationName]?: Question<Name> };

export const sharedCommands = {
  createOrganization: accounts.createOrganization,
  updateOrganization: accounts.updateOrganization,
  deleteOrganization: accounts.deleteOrganization,
  purgeOrganizations: accounts.purgeOrganizations,
  addAuditEntry: auditEntries.addAuditEntry,
  endAuditEntry: auditEntries.endAuditEntry,
  deleteAuditBefore: auditEntries.deleteAuditBefore,
  createApiKey: accounts.createApiKey,
  rotateApiKey: accounts.rotateApiKey,
  deleteApiKey: accounts.deleteApiKey,
  deletePayload: messages.deletePayload,
  deleteExpiredPayloads: messages.deleteExpiredPayloads,
  expungeResponse: madeAttempts.expungeResponse,
  beginIdempotent: messages.beginIdempotent,
  finishIdempotent: messages.finishIdempotent,
  deleteIdempotencyBefore: messages.deleteIdempotencyBefore,
  createSubscription: subscriptions.createSubscription,
  updateSubscription: subscriptions.updateSubscription,
  deleteSubscription: subscriptions.deleteSubscription,
  rotateSecret: signingSecrets.rotateSecret,
  noteHoldBacks,
  claimForListener: listeners.claimForListener,
  noteHeard: listeners.noteHeard,
  resendMessage,
  createRecovery: recoveries.createRecovery,
  switchRecovery: recoveries.switchRecovery,
  noteCounted: recoverySteps.noteCounted,
  advanceRecovery: recoverySteps.advanceRecovery,
  createChore: tasks.createChore,
  advanceChore,
  deleteTasksBefore: tasks.deleteTasksBefore,
  foldTallies: tallies.foldTallies,
  deleteTalliesBefore: tallies.deleteTalliesBefore,
  endTokens: endedTokens.endTokens,
  forgetEndedTokens: endedTokens.forgetEndedTokens,
  createCollection: collections.createCollection,
  updateCollection: collections.updateCollection,
  deleteCollection: collections.deleteCollection,
  createSourceConnection: sourceConnections.createSourceConnection,
  updateSourceConnection: sourceConnections.updateSourceConnection,
  deleteSourceConnection: sourceConnections.deleteSourceConnection,
  noteChange: sourceConnections.noteChange,
  beginAuthorization: authorizations.beginAuthorization,
  openAuthorization: authorizations.openAuthorization,
  takeAuthorization: authorizations.takeAuthorization,
  completeAuthorization: authorizations.completeAuthorization,
  deleteAuthorizationsBefore: authorizations.deleteAuthorizationsBefore,
  claimRenewal: authorizations.claimRenewal,
  renewTokens: authorizations.renewTokens,
  refuseTokens: authorizations.refuseTokens,
  createSyncJob: syncJobs.createSyncJob,
  createScheduledJob: syncJobs.createScheduledJob,
  startSyncJob: syncJobs.startSyncJob,
  beginNextTry: syncJobs.beginNextTry,
  cancelRunningJob: syncJobs.cancelRunningJob,
  endSyncJob: syncJobs.endSyncJob,
  storeEntities: entities.storeEntities,
  deleteUnseenEntities: entities.deleteUnseenEntities,
  purgeDeleted: entities.purgeDeleted,
  createEventType: eventTypes.createEventType,
  replaceEventTypes: eventTypes.replaceEventTypes,
  deleteEventType: eventTypes.deleteEventType,
  aimSealing: sealingKeys.aimSealing,
  sealAnew: sealingKeys.sealAnew,
  endSealing: sealingKeys.endSealing,
} satisfies { [Name in OperationName]?: SharedCommand<Name> };
