// SQL that SQLite and PostgreSQL both understand is written once, in operations/. What they say differently has a word in
// the dialect.

import type { Id, MessageId, OrganizationId, SubscriptionId } from "../domain/id.ts";
import type { Message } from "../domain/message.ts";
import type { Route } from "./fan-out/route.ts";
import type { ChangeLog } from "./streams/change-log.ts";
import type { Vault } from "./vault.ts";

/** Greater than every id: where a list begins that has no cursor. */
export const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff" as Id<never>;

export type SqlValue = string | number | null;

export function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** One connection to a database. Texts are constant, `?` stands for each value. */
export interface Sql {
  readonly dialect: Dialect;
  get<Row>(text: string, ...values: readonly SqlValue[]): Promise<Row | null>;
  all<Row>(text: string, ...values: readonly SqlValue[]): Promise<Row[]>;
  /** Answers how many rows changed. */
  run(text: string, ...values: readonly SqlValue[]): Promise<number>;
  /** Runs one statement once for each row of values. Answers how many rows changed in all. */
  runEach(text: string, rows: readonly (readonly SqlValue[])[]): Promise<number>;
}

/** Pieces of SQL text that the databases spell differently. */
export interface Dialect {
  /** After a select: nobody else changes these rows until the commit. */
  readonly forUpdate: string;
  /** The same, and rows that somebody else holds are left out. */
  readonly forUpdateSkipLocked: string;
  /**
   * A statement that waits until no other transaction that ran it with the same text, which is one value, is open. Null where
   * transactions run one after the other anyway.
   */
  readonly lockName: string | null;
  /** A subquery over texts, which are one value: that of `textsValue`. */
  readonly eachText: string;
  /** Texts as one value. */
  textsValue(texts: readonly string[]): string;
  /** A subquery over the ids in a JSON array, which is one value. */
  readonly eachId: string;
  /**
   * Whether a column is one of the ids in a JSON array, which is one value. Each is looked up, however many rows the
   * table is believed to have.
   */
  isOneOf(column: string): string;
  /** The same of numbers. */
  isOneOfNumbers(column: string): string;
  /** Those of this database's own tables that name messages, beside deliveries and attempts. */
  readonly tablesNamingMessages: readonly string[];
  /** A subquery: the id of the message of an organization with an event id, which are two values. */
  readonly byEventId: string;
  /** Whether a column, which holds a JSON array of texts or is null, has a text among them, which is one value. */
  hasItem(column: string): string;
  /** Whether a column contains a text, which is one value; capitals of A to Z make no difference. */
  contains(column: string): string;
}

/** What a query needs. */
export interface ReadContext {
  readonly sql: Sql;
  readonly vault: Vault;
}

/** What a command needs: the connection, in a transaction, and whom to tell what the commit brings. */
export interface WriteContext extends ReadContext {
  /** For the streams. Messages, attempts and changed subscriptions are noted where they are stored. */
  readonly changeLog: ChangeLog;
  /**
   * Stores messages with their deliveries. `after`: no first attempt of theirs may start before the first attempt of that
   * message has started, subscription by subscription.
   */
  announce(messages: readonly Message[], after?: MessageId | null): Promise<void>;
  /** The subscriptions that want the event types of these messages, in the order of their ids. */
  routesFor(messages: readonly Message[]): Promise<(message: Message) => readonly Route[]>;
  /** Stores deliveries of a message that is stored already. `after` as above. */
  deliver(message: Message, routes: readonly Route[], after: MessageId | null): Promise<void>;
  /** Whether fan-outs of an organization wait for further commits. */
  noteFanOut(organizationId: OrganizationId, waits: boolean): void;
  /** The subscription's target, state or wishes changed, or it is new or gone. */
  subscriptionChanged(subscriptionId: SubscriptionId): Promise<void>;
  /** Deliveries to it became due. */
  deliveriesDue(subscriptionId: SubscriptionId): void;
  /** Rows went that a memory may hold. */
  forget(): void;
}
