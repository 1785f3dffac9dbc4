// The operations whose SQL both databases understand, noun by noun.

import * as apiKeys from "./api-keys/sql.ts";
import * as attemptCounts from "./attempt-counts/sql.ts";
import * as attempts from "./attempts/sql.ts";
import * as audit from "./audit/sql.ts";
import * as authorizations from "./authorizations/sql.ts";
import * as backlog from "./backlog/sql.ts";
import * as collections from "./collections/sql.ts";
import * as deliveries from "./deliveries/sql.ts";
import * as entities from "./entities/sql.ts";
import * as eventTypes from "./event-types/sql.ts";
import * as fanOut from "./fan-out/sql.ts";
import * as idempotency from "./idempotency/sql.ts";
import * as listeners from "./listeners/sql.ts";
import * as mcpSubscriptions from "./mcp-subscriptions/sql.ts";
import * as messages from "./messages/sql.ts";
import * as organizations from "./organizations/sql.ts";
import * as outbox from "./outbox/sql.ts";
import * as receiverTokens from "./receiver-tokens/sql.ts";
import * as records from "./records/sql.ts";
import * as recoveries from "./recoveries/sql.ts";
import * as retention from "./retention/sql.ts";
import * as revokedTokens from "./revoked-tokens/sql.ts";
import * as sealing from "./sealing/sql.ts";
import * as sourceConnections from "./source-connections/sql.ts";
import * as subscriptions from "./subscriptions/sql.ts";
import * as syncJobs from "./sync-jobs/sql.ts";
import * as tasks from "./tasks/sql.ts";
import * as throttleStates from "./throttle-states/sql.ts";

/** Queries that read few rows. */
export const sharedLookUps = {
  ...apiKeys.lookUps,
  ...attempts.lookUps,
  ...authorizations.lookUps,
  ...collections.lookUps,
  ...entities.lookUps,
  ...eventTypes.lookUps,
  ...fanOut.lookUps,
  ...listeners.lookUps,
  ...mcpSubscriptions.lookUps,
  ...messages.lookUps,
  ...organizations.lookUps,
  ...outbox.lookUps,
  ...receiverTokens.lookUps,
  ...records.lookUps,
  ...recoveries.lookUps,
  ...retention.lookUps,
  ...revokedTokens.lookUps,
  ...sealing.lookUps,
  ...sourceConnections.lookUps,
  ...subscriptions.lookUps,
  ...syncJobs.lookUps,
  ...tasks.lookUps,
};

/** Queries that may read many rows. */
export const sharedLists = {
  ...apiKeys.lists,
  ...attemptCounts.lists,
  ...attempts.lists,
  ...audit.lists,
  ...backlog.lists,
  ...collections.lists,
  ...deliveries.lists,
  ...mcpSubscriptions.lists,
  ...messages.lists,
  ...organizations.lists,
  ...records.lists,
  ...recoveries.lists,
  ...retention.lists,
  ...sourceConnections.lists,
  ...subscriptions.lists,
  ...syncJobs.lists,
  ...tasks.lists,
};

export const sharedCommands = {
  ...apiKeys.commands,
  ...attemptCounts.commands,
  ...attempts.commands,
  ...audit.commands,
  ...authorizations.commands,
  ...collections.commands,
  ...deliveries.commands,
  ...entities.commands,
  ...eventTypes.commands,
  ...idempotency.commands,
  ...listeners.commands,
  ...mcpSubscriptions.commands,
  ...messages.commands,
  ...organizations.commands,
  ...receiverTokens.commands,
  ...recoveries.commands,
  ...retention.commands,
  ...revokedTokens.commands,
  ...sealing.commands,
  ...sourceConnections.commands,
  ...subscriptions.commands,
  ...syncJobs.commands,
  ...tasks.commands,
  ...throttleStates.commands,
};
