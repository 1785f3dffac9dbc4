import { StoreUnavailableError } from "../../domain/errors.ts";
import type { NodeId } from "../../domain/id.ts";
import type { OperationalFact } from "../../domain/operational-event.ts";
import { type Batch, type BatchResponse, type Command, noEffects, type Outcome, type Room } from "../commit/batch.ts";
import { CommitEffects } from "../commit/commit-effects.ts";
import { advanceFanOut } from "../fan-out/sql.ts";
import { storeOperationalEvents } from "../operational-events/store-operational-events.ts";
import type { Params } from "../operations.ts";
import { takeOutbox } from "../outbox/sql.ts";
import type { StoreOperations } from "../store.ts";
import type { Vault } from "../vault.ts";
import { Acceptance } from "./accept-messages.ts";
import { storeChangeLogEntries } from "./change-log-entries.ts";
import { checkWrites } from "./check-writes.ts";
import { claimDue, releaseDeliveries } from "./claims.ts";
import type { PostgresDatabase } from "./database.ts";
import { noteCommit, readLastCommit } from "./nodes.ts";
import type { Partitions } from "./partitions.ts";
import { recordAttempts } from "./record-attempts.ts";
import type { Routes } from "./routes.ts";
import { PostgresWriteContext, type WriteContextParts } from "./write-context.ts";

/**
 * The commands that come by the thousand, with the code that runs them. They share transactions, and a number of statements
 * that does not grow with the batch.
 */
export const batchedCommands = {
  checkWrites,
  releaseDeliveries,
  claimDue,
  acceptMessages: Acceptance,
  takeOutbox,
  advanceFanOut,
  recordAttempts,
} satisfies { readonly [Name in keyof StoreOperations]?: unknown };

export interface CommitterParts {
  readonly database: PostgresDatabase;
  readonly partitions: Partitions;
  readonly vault: Vault;
  readonly routes: Routes;
  readonly onChange: WriteContextParts["onChange"];
}

/** Commits batches, each in one transaction. */
export class Committer {
  readonly #parts: CommitterParts;
  #lastNumber = 0;

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** A command that cannot be stored takes nothing with it. When the commit itself fails, every command fails. */
  async commit(batch: Batch): Promise<BatchResponse> {
    try {
      return await this.#parts.partitions.covering(() => this.#commitOnce(batch));
    } catch (error) {
      const isUnavailable = error instanceof StoreUnavailableError;
      if (!isUnavailable && batch.commands.length > 1) return await this.#commitApart(batch);
      const outcome: Outcome = { ok: false, unavailable: isUnavailable, error };
      return { results: batch.commands.map(() => outcome), ...noEffects };
    }
  }

  // Some command of the batch is bad: each gets a transaction of its own, and only the first may hand deliveries over,
  // since the room was asked for once.
  async #commitApart({ room, commands }: Batch): Promise<BatchResponse> {
    const answers: BatchResponse[] = [];
    for (const [index, command] of commands.entries()) {
      answers.push(await this.commit({ room: index === 0 ? room : withoutRoom(room), commands: [command] }));
    }
    return {
      results: answers.flatMap((answer) => answer.results),
      claimed: answers.flatMap((answer) => answer.claimed),
      backlogged: answers.flatMap((answer) => answer.backlogged),
      drained: answers.flatMap((answer) => answer.drained),
      changed: answers.flatMap((answer) => answer.changed),
      streamed: answers.flatMap((answer) => answer.streamed),
      fanOutWaits: answers.some((answer) => answer.fanOutWaits),
    };
  }

  #commitOnce({ room, commands }: Batch): Promise<BatchResponse> {
    let number = 0;
    return this.#parts.database.commit(
      (sql) => {
        // Anew for each try, so that a try that failed is not taken for the next one.
        number = ++this.#lastNumber;
        const effects = new CommitEffects(room);
        return runBatch(
          new PostgresWriteContext(sql, { ...this.#parts, effects }),
          { commands, number },
          this.#parts.routes,
        );
      },
      async () => room !== null && (await this.#lastCommitOf(room.nodeId)) === number,
    );
  }

  /** Asked for until it is known, however long the database is away: the batch may hold deliveries that this node has claimed. */
  async #lastCommitOf(nodeId: NodeId): Promise<number | null> {
    for (;;) {
      try {
        return await this.#parts.database.write((sql) => readLastCommit({ sql }, nodeId));
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, askEveryMs));
      }
    }
  }
}

function withoutRoom(room: Room | null): Room | null {
  return room === null ? null : { ...room, deliveries: 0, bytes: 0 };
}

const askEveryMs = 100;

async function runBatch(
  context: PostgresWriteContext,
  { commands, number }: { commands: readonly Command[]; number: number },
  routes: Routes,
): Promise<BatchResponse> {
  const { sql, effects } = context;
  const results = new Map<Command, unknown>();
  for (const command of commands) results.set(command, null);
  const acceptance = new Acceptance(paramsOf(commands, "acceptMessages"));
  // The statements run in the order in which they are sent: released deliveries can be claimed by this batch.
  const [, recorded] = await Promise.all([
    release(context, commands, results),
    record(context, commands, results),
    acceptance.read(sql, routes),
    claim(context, { commands, number }, results),
  ]);
  // Begun first: it logs its changes before it waits for anything, so both are sent together.
  const accepting = acceptance.write(sql, effects);
  const [accepted] = await Promise.all([accepting, storeChangeLogEntries(context)]);
  for (const [index, [command]] of named(commands, "acceptMessages").entries()) results.set(command, accepted[index]);
  for (const [command, params] of named(commands, "takeOutbox"))
    results.set(command, await takeOutbox(context, params));
  for (const [command, params] of named(commands, "checkWrites")) results.set(command, await checkWrites(sql, params));
  for (const [command, params] of named(commands, "advanceFanOut"))
    results.set(command, await advanceFanOut(context, params));
  if (recorded !== null) await storeOperationalEvents(context, recorded.facts, recorded.at);
  await storeChangeLogEntries(context);
  return {
    results: [...results.values()].map((value) => ({ ok: true, value })),
    claimed: effects.claimed,
    backlogged: [...effects.backlogged],
    drained: [...effects.drained],
    changed: [...effects.changed],
    streamed: [...effects.streamed],
    fanOutWaits: effects.fanOutWaits,
  };
}

async function release(
  { sql }: PostgresWriteContext,
  commands: readonly Command[],
  results: Map<Command, unknown>,
): Promise<void> {
  const asked = named(commands, "releaseDeliveries");
  await Promise.all(
    asked.map(async ([command, { nodeId, deliveries }]) =>
      results.set(command, await releaseDeliveries(sql, nodeId, deliveries)),
    ),
  );
}

async function claim(
  context: PostgresWriteContext,
  { commands, number }: { commands: readonly Command[]; number: number },
  results: Map<Command, unknown>,
): Promise<void> {
  const { nodeId } = context.effects;
  if (nodeId !== null && !(await noteCommit(context, nodeId, number))) context.effects.takeNothing();
  for (const [command, params] of named(commands, "claimDue")) {
    results.set(command, await claimDue(context, context.effects, params));
  }
}

async function record(
  context: PostgresWriteContext,
  commands: readonly Command[],
  results: Map<Command, unknown>,
): Promise<{ readonly facts: readonly OperationalFact[]; readonly at: number } | null> {
  const asked = named(commands, "recordAttempts");
  const [first] = asked;
  if (first === undefined) return null;
  const { now } = first[1];
  const facts: OperationalFact[] = [];
  // Those of the engine together. A listener's come by themselves, since each of its connections is a node of its own.
  for (const [nodeId, commandsOfNode] of Map.groupBy(asked, ([, params]) => params.nodeId)) {
    const records = commandsOfNode.flatMap(([, params]) => params.records);
    const recorded = await recordAttempts(context, nodeId, records, now);
    facts.push(...recorded.facts);
    let at = 0;
    for (const [command, params] of commandsOfNode) {
      results.set(command, recorded.held.slice(at, at + params.records.length));
      at += params.records.length;
    }
  }
  return { facts, at: now };
}

type Batched = keyof typeof batchedCommands;

function named<Name extends Batched>(commands: readonly Command[], name: Name): [Command, Params<Name>][] {
  return commands
    .filter((command) => command.name === name)
    .map((command) => [command, command.params as Params<Name>]);
}

function paramsOf<Name extends Batched>(commands: readonly Command[], name: Name): Params<Name>[] {
  return named(commands, name).map(([, params]) => params);
}
