// The operations on deliveries that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import { countDeliveries, countStates } from "./count-deliveries.ts";
import type { DeliveryStore } from "./interface.ts";
import { listDeliveries } from "./list-deliveries.ts";
import { listMessageSubscriptions } from "./list-message-subscriptions.ts";
import { listReceivers } from "./list-receivers.ts";
import { matchMessages } from "./match-messages.ts";
import { resendMessage } from "./resend-message.ts";
import { summarizeDeliveries } from "./summarize-deliveries.ts";

export const lists = {
  listDeliveries,
  countDeliveries,
  countStates,
  summarizeDeliveries,
  listReceivers,
  listMessageSubscriptions,
  matchMessages,
} satisfies QueriesOf<DeliveryStore>;

export const commands = { resendMessage } satisfies CommandsOf<DeliveryStore>;
