// The operations on subscriptions that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import { createSubscription, deleteSubscription, updateSubscription } from "./change-subscriptions.ts";
import type { SubscriptionStore } from "./interface.ts";
import { findSubscription, isWanted, listSubscriptions, readSubscription } from "./read-subscriptions.ts";
import { searchSubscriptions } from "./search-subscriptions.ts";
import { readKeptSecrets, readSecrets, readTarget, rotateSecret } from "./signing-secrets.ts";

export const lookUps = {
  readSubscription,
  findSubscription,
  isWanted,
  readSecrets,
  readKeptSecrets,
  readTarget,
} satisfies QueriesOf<SubscriptionStore>;

export const lists = { listSubscriptions, searchSubscriptions } satisfies QueriesOf<SubscriptionStore>;

export const commands = {
  createSubscription,
  updateSubscription,
  deleteSubscription,
  rotateSecret,
} satisfies CommandsOf<SubscriptionStore>;
