// The operations on messages that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import { deleteExpiredPayloads, deletePayload } from "./delete-payloads.ts";
import type { MessageStore } from "./interface.ts";
import { listMessages } from "./list-messages.ts";
import { countMessages, findMessage, readMessage, readMessages } from "./read-messages.ts";

export const lookUps = { readMessage, findMessage } satisfies QueriesOf<MessageStore>;

export const lists = { listMessages, readMessages, countMessages } satisfies QueriesOf<MessageStore>;

export const commands = { deletePayload, deleteExpiredPayloads } satisfies CommandsOf<MessageStore>;
