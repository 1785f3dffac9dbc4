// Every question and command of the store interface, by name. Questions run on reader threads, commands on the writer.

import type { OperationName, Params, Result } from "../commit/batch.ts";
import { advanceFanOut } from "../fan-out/sql.ts";
import { takeOutbox } from "../outbox/sql.ts";
import { type Question, sharedCommands, sharedLists, sharedLookUps } from "../shared-operations.ts";
import { acceptMessages } from "./accept-messages.ts";
import { checkWrites } from "./check-writes.ts";
import * as claims from "./claims.ts";
import { forgetBefore } from "./forget-before.ts";
import { recordAttempts } from "./record-attempts.ts";
import { searchCollection } from "./search.ts";
import { forgetStreamEntries, readStream } from "./stream-entries.ts";
import type { SqliteWriting } from "./write-context.ts";

type Command<Name extends OperationName> = (
  writing: SqliteWriting,
  params: Params<Name>,
) => Result<Name> | Promise<Result<Name>>;

export const lookUps = {
  ...sharedLookUps,
  findDueLanes: claims.findDueLanes,
} satisfies { [Name in OperationName]?: Question<Name> };

export const lists = {
  ...sharedLists,
  searchCollection,
  readStream,
} satisfies { [Name in OperationName]?: Question<Name> };

export const questions = { ...lookUps, ...lists };

type QuestionName = keyof typeof questions;

export const commands: { [Name in Exclude<OperationName, QuestionName>]: Command<Name> } = {
  ...sharedCommands,
  checkWrites,
  acceptMessages,
  takeOutbox,
  advanceFanOut,
  forgetBefore,
  beatNode: claims.beatNode,
  rescueDeliveries: claims.rescueDeliveries,
  releaseDeliveries: claims.releaseDeliveries,
  claimDue: claims.claimDue,
  recordAttempts,
  forgetStreamEntries,
};
