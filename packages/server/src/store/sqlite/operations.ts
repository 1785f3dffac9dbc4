// Every question and command of the store interface, by name. Questions run on reader threads, commands on the writer.

import type { StoreOperations } from "../store.ts";
import { acceptMessages } from "./accept-messages.ts";
import * as accounts from "./accounts.ts";
import { listAttempts } from "./attempts.ts";
import * as claims from "./claims.ts";
import * as collections from "./collections.ts";
import * as entities from "./entities.ts";
import * as messages from "./messages.ts";
import { recordAttempts } from "./record-attempts.ts";
import * as recoveries from "./recoveries.ts";
import { resendMessage } from "./resend-message.ts";
import { searchCollection } from "./search.ts";
import * as sourceConnections from "./source-connections.ts";
import * as subscriptions from "./subscriptions.ts";
import * as syncJobs from "./sync-jobs.ts";
import type { Reading, Writing } from "./transaction.ts";

export type OperationName = keyof StoreOperations;
export type Params<Name extends OperationName> = Parameters<StoreOperations[Name]>[0];
export type Result<Name extends OperationName> = Awaited<ReturnType<StoreOperations[Name]>>;

type Question<Name extends OperationName> = (reading: Reading, params: Params<Name>) => Result<Name>;
type Command<Name extends OperationName> = (writing: Writing, params: Params<Name>) => Result<Name>;

export const questions = {
  readOrganization: accounts.readOrganization,
  readFirstOrganization: accounts.readFirstOrganization,
  listOrganizations: accounts.listOrganizations,
  findApiKey: accounts.findApiKey,
  listApiKeys: accounts.listApiKeys,
  readMessage: messages.readMessage,
  listMessages: messages.listMessages,
  listAttempts,
  readSubscription: subscriptions.readSubscription,
  listSubscriptions: subscriptions.listSubscriptions,
  readSecrets: subscriptions.readSecrets,
  readTarget: subscriptions.readTarget,
  findDueLanes: claims.findDueLanes,
  countRecoverable: recoveries.countRecoverable,
  readRecovery: recoveries.readRecovery,
  listRecoveries: recoveries.listRecoveries,
  findRunningRecoveries: recoveries.findRunningRecoveries,
  readCollection: collections.readCollection,
  listCollections: collections.listCollections,
  countCollections: collections.countCollections,
  readSourceConnection: sourceConnections.readSourceConnection,
  listSourceConnections: sourceConnections.listSourceConnections,
  readSyncJob: syncJobs.readSyncJob,
  listSyncJobs: syncJobs.listSyncJobs,
  findUnfinishedJobs: syncJobs.findUnfinishedJobs,
  findPendingJobs: syncJobs.findPendingJobs,
  readSyncPlan: syncJobs.readSyncPlan,
  readCredentials: sourceConnections.readCredentials,
  readEntityHashes: entities.readEntityHashes,
  searchCollection,
} satisfies { [Name in OperationName]?: Question<Name> };

export type QuestionName = keyof typeof questions;
export type CommandName = Exclude<OperationName, QuestionName>;

export const commands: { [Name in CommandName]: Command<Name> } = {
  // Its batch takes the write lock, and that is all there is to see.
  checkWrites: () => null,
  createOrganization: accounts.createOrganization,
  renameOrganization: accounts.renameOrganization,
  deleteOrganization: accounts.deleteOrganization,
  createApiKey: accounts.createApiKey,
  rotateApiKey: accounts.rotateApiKey,
  deleteApiKey: accounts.deleteApiKey,
  acceptMessages,
  deleteMessagesBefore: messages.deleteMessagesBefore,
  beginIdempotent: messages.beginIdempotent,
  finishIdempotent: messages.finishIdempotent,
  deleteIdempotencyBefore: messages.deleteIdempotencyBefore,
  createSubscription: subscriptions.createSubscription,
  updateSubscription: subscriptions.updateSubscription,
  deleteSubscription: subscriptions.deleteSubscription,
  rotateSecret: subscriptions.rotateSecret,
  beatNode: claims.beatNode,
  rescueDeliveries: claims.rescueDeliveries,
  releaseDeliveries: claims.releaseDeliveries,
  claimDue: claims.claimDue,
  recordAttempts,
  resendMessage,
  createRecovery: recoveries.createRecovery,
  advanceRecovery: recoveries.advanceRecovery,
  createCollection: collections.createCollection,
  updateCollection: collections.updateCollection,
  deleteCollection: collections.deleteCollection,
  createSourceConnection: sourceConnections.createSourceConnection,
  updateSourceConnection: sourceConnections.updateSourceConnection,
  deleteSourceConnection: sourceConnections.deleteSourceConnection,
  createSyncJob: syncJobs.createSyncJob,
  startSyncJob: syncJobs.startSyncJob,
  cancelRunningJob: syncJobs.cancelRunningJob,
  endSyncJob: syncJobs.endSyncJob,
  storeEntities: entities.storeEntities,
  deleteUnseenEntities: entities.deleteUnseenEntities,
  purgeDeleted: entities.purgeDeleted,
};
