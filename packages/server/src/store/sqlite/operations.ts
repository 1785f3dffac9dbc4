// Every operation of the store by name. Queries run on reader threads, commands on the writer.

import { advanceFanOut } from "../fan-out/sql.ts";
import type { OperationName, Operations, Params, QueriesOf, Result } from "../operations.ts";
import { takeOutbox } from "../outbox/sql.ts";
import { sharedCommands, sharedLists, sharedLookUps } from "../shared-operations.ts";
import type { ReadContext } from "../sql.ts";
import type { StoreOperations } from "../store.ts";
import { acceptMessages } from "./accept-messages.ts";
import { forgetChangeLogEntries, readStream } from "./change-log-entries.ts";
import { checkWrites } from "./check-writes.ts";
import { claimDue, findDueLanes, releaseDeliveries } from "./claims.ts";
import { forgetBefore } from "./forget-before.ts";
import { recordHeartbeat, rescueDeliveries } from "./nodes.ts";
import { recordAttempts } from "./record-attempts.ts";
import { searchCollection } from "./search.ts";
import type { SqliteWriteContext } from "./write-context.ts";

type SqliteCommand<Name extends OperationName> = (
  context: SqliteWriteContext,
  params: Params<Name>,
) => Result<Name> | Promise<Result<Name>>;

const ownLookUps = { findDueLanes } satisfies QueriesOf<StoreOperations>;
const ownLists = { searchCollection, readStream } satisfies QueriesOf<StoreOperations>;
const ownCommands = {
  checkWrites,
  acceptMessages,
  takeOutbox,
  advanceFanOut,
  forgetBefore,
  recordHeartbeat,
  rescueDeliveries,
  releaseDeliveries,
  claimDue,
  recordAttempts,
  forgetChangeLogEntries,
} satisfies { readonly [Name in keyof StoreOperations]?: SqliteCommand<Name> };

const allLookUps = { ...sharedLookUps, ...ownLookUps };
const allLists = { ...sharedLists, ...ownLists };
const allCommands = { ...sharedCommands, ...ownCommands };

export type LookUpName = keyof typeof allLookUps;
export type ListName = keyof typeof allLists;
export type CommandName = keyof typeof allCommands;

export const lookUps: Operations<LookUpName, ReadContext> = allLookUps;
export const lists: Operations<ListName, ReadContext> = allLists;
export const queries: Operations<LookUpName | ListName, ReadContext> = { ...allLookUps, ...allLists };
export const commands: { readonly [Name in CommandName]: SqliteCommand<Name> } = allCommands;
