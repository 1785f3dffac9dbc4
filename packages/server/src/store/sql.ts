// SQL that SQLite and PostgreSQL both accept is written once, in the folder of its noun. Where they differ by a few words, the
// dialect has the words of each; where they differ by more, each database has a statement of its own in its folder.

import type { Id, MessageId, OrganizationId, SubscriptionId } from "../domain/id.ts";
import type { Message } from "../domain/message.ts";
import type { Route } from "./fan-out/route.ts";
import type { ChangeLog } from "./streams/change-log.ts";
import type { Vault } from "./vault.ts";

/** Greater than every id: the start of a list without a cursor. */
export const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff" as Id<never>;

export type SqlValue = string | number | null;

export function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** One connection to a database. Texts are constant, with `?` for each value. */
export interface Sql {
  readonly dialect: Dialect;
  get<Row>(text: string, ...values: readonly SqlValue[]): Promise<Row | null>;
  all<Row>(text: string, ...values: readonly SqlValue[]): Promise<Row[]>;
  /** Returns how many rows changed. */
  run(text: string, ...values: readonly SqlValue[]): Promise<number>;
  /** Runs one statement for each row of values. Returns how many rows changed in all. */
  runEach(text: string, rows: readonly (readonly SqlValue[])[]): Promise<number>;
  /** Inserts rows, each with its values in the order of the columns. Returns how many rows changed. */
  insertEach(insertion: Insertion, rows: readonly (readonly SqlValue[])[]): Promise<number>;
}

type ColumnType = "uuid" | "text" | "integer" | "bigint";

/** An insert of any number of rows. */
export interface Insertion {
  /** Inserts this many rows, with `?` for each value, row by row. Each number of rows is a statement of its own. */
  readonly ofRows: (count: number) => string;
  /** Inserts the rows of PostgreSQL arrays, with `?` for the values of each column. */
  readonly ofColumns: string;
}

/** `columns`: their types by name. `then`: the clause after the rows. */
export function insertion(table: string, columns: Readonly<Record<string, ColumnType>>, then = ""): Insertion {
  const into = `insert into ${table} (${Object.keys(columns).join(", ")})`;
  const each = Object.values(columns).map((type) => `cast(? as ${type}[])`);
  const row = `(${each.map(() => "?").join(", ")})`;
  const texts = new Map<number, string>();
  return {
    ofRows: (count) => {
      const text = texts.get(count) ?? `${into} values ${Array.from({ length: count }, () => row).join(", ")} ${then}`;
      texts.set(count, text);
      return text;
    },
    // Without a condition, SQL would read the clause as a part of the join.
    ofColumns: `${into} select * from unnest(${each.join(", ")}) where true ${then}`,
  };
}

/** Pieces of SQL text that the databases spell differently. */
export interface Dialect {
  /** After a select: locks the rows until the commit. */
  readonly forUpdate: string;
  /** After a select: locks the rows until the commit, and leaves out rows that another transaction has locked. */
  readonly forUpdateSkipLocked: string;
  /**
   * A statement that locks a name, which is its one value, until the commit. Null if transactions run one after the other
   * anyway.
   */
  readonly lockName: string | null;
  /** A subquery that returns texts; its one value is that of `textsValue`. */
  readonly eachText: string;
  /** The value of `eachText` for these texts. */
  textsValue(texts: readonly string[]): string;
  /** A subquery that returns the ids in a JSON array, which is its one value. */
  readonly eachId: string;
  /**
   * A condition: the column is one of the ids in a JSON array, which is its one value. The planner looks each id up in the
   * index, regardless of its estimates about the table.
   */
  isOneOf(column: string): string;
  /** `isOneOf` for numbers. */
  isOneOfNumbers(column: string): string;
  /** Tables that only this database has and that name messages. */
  readonly tablesNamingMessages: readonly string[];
  /** A subquery that returns the id of the message with an organization and an event id, which are SQL expressions. */
  byEventId(organization: string, eventId: string): string;
  /** A condition: the column, a JSON array of texts or null, contains a text, which is its one value. */
  hasItem(column: string): string;
  /** The position of one SQL expression, a text, in another one; 0 if it is not in it. */
  positionIn(column: string, text: string): string;
  /** A condition: the column contains a text, its one value, case-insensitively for ASCII letters. */
  contains(column: string): string;
  /** A table `item` with one row for each object in the column, a JSON array or null. `item.value` is the object. */
  eachItem(column: string): string;
}

/** The context of a query. */
export interface ReadContext {
  readonly sql: Sql;
  readonly vault: Vault;
}

/** The context of a command: a connection in a transaction, and the methods that record the effects of its commit. */
export interface WriteContext extends ReadContext {
  /**
   * The change log that streams read. Messages, attempts and changed subscriptions are logged where they are stored.
   */
  readonly changeLog: ChangeLog;
  /**
   * Stores messages with their deliveries. `after`: for each subscription, their first attempts start after the first attempt
   * of that message.
   */
  announce(messages: readonly Message[], after?: MessageId | null): Promise<void>;
  /** Returns the subscriptions that match the event types of these messages, in the order of their ids. */
  routesFor(messages: readonly Message[]): Promise<(message: Message) => readonly Route[]>;
  /** Stores deliveries of a message that is already stored. `after` is that of `announce`. */
  deliver(message: Message, routes: readonly Route[], after: MessageId | null): Promise<void>;
  /** Records whether fan-outs of an organization wait for further commits. */
  noteFanOut(organizationId: OrganizationId, waits: boolean): void;
  /** Records that a subscription is new or deleted, or that its target, state or filters changed. */
  subscriptionChanged(subscriptionId: SubscriptionId): Promise<void>;
  /** Records that deliveries to a subscription became due. */
  deliveriesDue(subscriptionId: SubscriptionId): void;
  /** Drops the rows that this process has cached, because some were deleted. */
  forget(): void;
}
