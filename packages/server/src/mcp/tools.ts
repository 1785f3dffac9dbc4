import type { Tool } from "./tool.ts";
import { listCollections, listSyncs, runSync, searchCollection } from "./tools/collections.ts";
import { explainDelivery } from "./tools/explain-delivery.ts";
import { getMessage, listMessages, resendMessage } from "./tools/messages.ts";
import { previewRecovery, recoverSubscription } from "./tools/recoveries.ts";
import { listSubscriptions, sendTestEvent } from "./tools/subscriptions.ts";

/** Every tool, in the order in which clients see them. */
export const tools: readonly Tool[] = [
  searchCollection,
  listCollections,
  listSubscriptions,
  listMessages,
  getMessage,
  explainDelivery,
  previewRecovery,
  listSyncs,
  resendMessage,
  recoverSubscription,
  sendTestEvent,
  runSync,
];
