// The questions of the store interface, and its commands that have transactions of their own, by name.

import type { OperationName, Params, Result } from "../batch.ts";
import { type Question, sharedCommands, sharedLists, sharedLookUps } from "../operations/shared.ts";
import * as claims from "./claims.ts";
import { searchCollection } from "./search.ts";
import type { PostgresWriting } from "./writing.ts";

type Command<Name extends OperationName> = (writing: PostgresWriting, params: Params<Name>) => Promise<Result<Name>>;

export const lookUps = {
  ...sharedLookUps,
  findDueLanes: claims.findDueLanes,
} satisfies { [Name in OperationName]?: Question<Name> };

export const lists = {
  ...sharedLists,
  searchCollection,
} satisfies { [Name in OperationName]?: Question<Name> };

export const commands = {
  ...sharedCommands,
  beatNode: claims.beatNode,
  rescueDeliveries: claims.rescueDeliveries,
} satisfies { [Name in OperationName]?: Command<Name> };
