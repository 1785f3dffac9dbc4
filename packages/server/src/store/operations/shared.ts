// Questions and commands whose SQL both databases understand, by the names of the store interface.

import type { OperationName, Params, Result } from "../batch.ts";
import type { Reading, Writing } from "../sql.ts";
import * as accounts from "./accounts.ts";
import { advanceChore } from "./advance-chore.ts";
import { listAttempts } from "./attempts.ts";
import * as auditEntries from "./audit-entries.ts";
import * as authorizations from "./authorizations.ts";
import { readBacklog } from "./backlog.ts";
import * as collections from "./collections.ts";
import * as counts from "./counts.ts";
import * as endedTokens from "./ended-tokens.ts";
import * as entities from "./entities.ts";
import * as eventTypes from "./event-types.ts";
import { fanOutWaits } from "./fan-out.ts";
import { noteHoldBacks } from "./hold-backs.ts";
import { listDeliveries } from "./list-deliveries.ts";
import { listMessageSubscriptions } from "./list-message-subscriptions.ts";
import { listMessages } from "./list-messages.ts";
import { listReceivers } from "./list-receivers.ts";
import * as listeners from "./listeners.ts";
import * as madeAttempts from "./made-attempts.ts";
import * as messages from "./messages.ts";
import { outboxWaits } from "./outbox.ts";
import { readSyncPlan } from "./read-sync-plan.ts";
import * as recoveries from "./recoveries.ts";
import * as recoverySteps from "./recovery-steps.ts";
import { resendMessage } from "./resend-message.ts";
import * as sealingKeys from "./sealing-keys.ts";
import { searchSubscriptions } from "./search-subscriptions.ts";
import * as signingSecrets from "./signing-secrets.ts";
import * as sourceConnections from "./source-connections.ts";
import * as subscriptions from "./subscriptions.ts";
import * as syncJobs from "./sync-jobs.ts";
import * as tallies from "./tallies.ts";
import * as tasks from "./tasks.ts";

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
