// The operations on source connections that both databases share.

import type { CommandsOf, QueriesOf } from "../operations.ts";
import { createSourceConnection, deleteSourceConnection, updateSourceConnection } from "./change-connections.ts";
import { findDueConnections, findWatchedConnections, noteChange } from "./due-connections.ts";
import type { SourceConnectionStore } from "./interface.ts";
import { listSourceConnections, readCredentials, readSourceConnection, readSyncCursor } from "./read-connections.ts";

export const lookUps = {
  readSourceConnection,
  findDueConnections,
  findWatchedConnections,
  readCredentials,
  readSyncCursor,
} satisfies QueriesOf<SourceConnectionStore>;

export const lists = { listSourceConnections } satisfies QueriesOf<SourceConnectionStore>;

export const commands = {
  createSourceConnection,
  updateSourceConnection,
  deleteSourceConnection,
  noteChange,
} satisfies CommandsOf<SourceConnectionStore>;
