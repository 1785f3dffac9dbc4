import { sortSubscriptions } from "./sort-subscriptions.ts";
// The operations on subscriptions that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import { createSubscription, deleteSubscription, updateSubscription } from "./change-subscriptions.ts";
import { announceExpiringCertificate, findExpiringCertificates } from "./expiring-certificates.ts";
import type { SubscriptionStore } from "./interface.ts";
import { findSubscription, hasMatch, listSubscriptions, readSubscription } from "./read-subscriptions.ts";
import { searchSubscriptions } from "./search-subscriptions.ts";
import { readDeliverySettings, readKeptSecrets, readSecrets, rotateSecret } from "./signing-secrets.ts";

export const lookUps = {
  readSubscription,
  findSubscription,
  hasMatch,
  readSecrets,
  readKeptSecrets,
  readDeliverySettings,
  findExpiringCertificates,
} satisfies QueriesOf<SubscriptionStore>;

export const lists = {
  listSubscriptions,
  searchSubscriptions,
  sortSubscriptions,
} satisfies QueriesOf<SubscriptionStore>;

export const commands = {
  createSubscription,
  updateSubscription,
  deleteSubscription,
  rotateSecret,
  announceExpiringCertificate,
} satisfies CommandsOf<SubscriptionStore>;
