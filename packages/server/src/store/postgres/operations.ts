// The questions of the store interface, and its commands that have transactions of their own, by name.

import type { OperationName, Params, Result } from "../commit/batch.ts";
import { type Question, sharedCommands, sharedLists, sharedLookUps } from "../shared-operations.ts";
import type { Reading } from "../sql.ts";
import * as claims from "./claims.ts";
import type { PostgresSql } from "./postgres-sql.ts";
import { endSealing } from "./sealing-nodes.ts";
import { searchCollection } from "./search.ts";
import { forgetStreamEntries, readStream } from "./stream-entries.ts";
import type { PostgresWriting } from "./writing.ts";

type PostgresQuestion<Name extends OperationName> = (
  reading: Reading & { readonly sql: PostgresSql },
  params: Params<Name>,
) => Promise<Result<Name>>;
type Command<Name extends OperationName> = (writing: PostgresWriting, params: Params<Name>) => Promise<Result<Name>>;

export const lookUps = {
  ...sharedLookUps,
  findDueLanes: claims.findDueLanes,
} satisfies { [Name in OperationName]?: Question<Name> };

export const lists = {
  ...sharedLists,
  searchCollection,
  readStream,
} satisfies { [Name in OperationName]?: PostgresQuestion<Name> };

export const commands = {
  ...sharedCommands,
  beatNode: claims.beatNode,
  rescueDeliveries: claims.rescueDeliveries,
  endSealing,
  forgetStreamEntries,
} satisfies { [Name in OperationName]?: Command<Name> };
