// The queries of the store by name, and the commands that have transactions of their own. `committer.ts` has the others.

import type { Operations, OperationsOf, QueriesOf } from "../operations.ts";
import { sharedCommands, sharedLists, sharedLookUps } from "../shared-operations.ts";
import type { ReadContext } from "../sql.ts";
import type { StoreOperations } from "../store.ts";
import { forgetChangeLogEntries, readStream } from "./change-log-entries.ts";
import { findDueLanes } from "./claims.ts";
import { recordHeartbeat, rescueDeliveries } from "./nodes.ts";
import type { PostgresSql } from "./postgres-sql.ts";
import { endSealing } from "./sealing-nodes.ts";
import { searchCollection } from "./search.ts";
import type { PostgresWriteContext } from "./write-context.ts";

type PostgresReadContext = ReadContext & { readonly sql: PostgresSql };

const ownLookUps = { findDueLanes } satisfies QueriesOf<StoreOperations>;
const ownLists = { searchCollection, readStream } satisfies OperationsOf<StoreOperations, PostgresReadContext>;
const ownCommands = { recordHeartbeat, rescueDeliveries, endSealing, forgetChangeLogEntries } satisfies OperationsOf<
  StoreOperations,
  PostgresWriteContext
>;

const allLookUps = { ...sharedLookUps, ...ownLookUps };
const allLists = { ...sharedLists, ...ownLists };
const allCommands = { ...sharedCommands, ...ownCommands };

export const lookUps: Operations<keyof typeof allLookUps, PostgresReadContext> = allLookUps;
export const lists: Operations<keyof typeof allLists, PostgresReadContext> = allLists;
export const commands: Operations<keyof typeof allCommands, PostgresWriteContext> = allCommands;
