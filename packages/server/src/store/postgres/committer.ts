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
 * The commands that arrive by the thousand, with the code that runs them. They share transactions, and a number of
 * statements that does not grow with the batch.
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

  /** A command that cannot be stored does not affect the others. When the commit itself fails, every command fails. */
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

  // A command of the batch fails: each command gets a transaction of its own, and only the first may hand deliveries
  // over, because the room was read once.
  async #commitApart({ room, commands }: Batch): Promise<BatchResponse> {
    const responses: BatchResponse[] = [];
    for (const [index, command] of commands.entries()) {
      responses.push(await this.commit({ room: index === 0 ? room : withoutRoom(room), commands: [command] }));
    }
    return {
      results: responses.flatMap((response) => response.results),
      claimed: responses.flatMap((response) => response.claimed),
      backlogged: responses.flatMap((response) => response.backlogged),
      drained: responses.flatMap((response) => response.drained),
      changed: responses.flatMap((response) => response.changed),
      streamed: responses.flatMap((response) => response.streamed),
      fanOutWaits: responses.some((response) => response.fanOutWaits),
    };
  }

  #commitOnce({ room, commands }: Batch): Promise<BatchResponse> {
    let number = 0;
    return this.#parts.database.commit(
      (sql) => {
        // Each try gets a new one, so that a failed try is not mistaken for the next one.
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

  /**
   * Repeated until the outcome is known, however long the database is unavailable: the batch may hold deliveries that
   * this node has claimed.
   */
  async #lastCommitOf(nodeId: NodeId): Promise<number | null> {
    for (;;) {
      try {
        return await this.#parts.database.write((sql) => readLastCommit({ sql }, nodeId));
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, checkEveryMs));
      }
    }
  }
}

function withoutRoom(room: Room | null): Room | null {
  return room === null ? null : { ...room, deliveries: 0, bytes: 0 };
}

const checkEveryMs = 100;

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
  // Started first: it logs its changes before it waits for anything, so both are sent together.
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
  const calls = named(commands, "releaseDeliveries");
  await Promise.all(
    calls.map(async ([command, { nodeId, deliveries }]) =>
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
  const calls = named(commands, "recordAttempts");
  const [first] = calls;
  if (first === undefined) return null;
  const { now } = first[1];
  const facts: OperationalFact[] = [];
  // The records of the engine are written together. Those of listeners are written one by one, because each connection
  // of a listener is a node of its own.
  for (const [nodeId, commandsOfNode] of Map.groupBy(calls, ([, params]) => params.nodeId)) {
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
