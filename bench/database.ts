import type { Attempt } from "../packages/server/src/domain/attempt.ts";
import type { DeliveryState } from "../packages/server/src/domain/delivery.ts";
import type { MessageId, SubscriptionId } from "../packages/server/src/domain/id.ts";
import type { PublishedEvent } from "../packages/server/src/domain/message.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import type { Run } from "./scenario.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

/** A message in the form in which the database stores it some time after it was accepted. */
export interface StoredMessage {
  readonly message: PublishedEvent;
  readonly deliveries: readonly StoredDelivery[];
}

export interface StoredDelivery {
  readonly subscriptionId: SubscriptionId;
  readonly state: Extract<DeliveryState, "due" | "delivered" | "failed">;
  readonly dueAt: number;
  readonly attempts: readonly Attempt[];
}

/** Figures that only the database has. Counters start with the database; null if they are unknown. */
export interface DatabaseCosts {
  /** The sum over its processes. Null for a server on another machine, and if the database is part of the node. */
  readonly cpuMs: number | null;
  readonly walBytes: number | null;
  readonly transactions: number | null;
  /** The current number of connections of the nodes. */
  readonly connections: number | null;
  /** The current size of tables and indexes. */
  readonly storedBytes: number;
  /** The size of indexes alone. */
  readonly indexBytes: number | null;
}

/**
 * A database of Weft's schema that belongs to one installation of the benchmark. Disposing deletes it with all its
 * data.
 */
export interface BenchDatabase extends AsyncDisposable {
  /** The value of WEFT_DATABASE_URL for the nodes. */
  readonly url: string;
  /** How many nodes may share it. */
  readonly nodesMax: number;
  /** Inserts rows directly, and syncs them to the disk. A node has created the schema, and none is running. */
  store(messages: Iterable<StoredMessage>, signal: AbortSignal): Promise<void>;
  /** Attempts recorded for messages from this id on, counted independently of the nodes. */
  countAttempts(from: MessageId): Promise<number>;
  /** Deliveries of messages from this id on that are not recorded as delivered. */
  countUndelivered(from: MessageId): Promise<number>;
  costs(): Promise<DatabaseCosts>;
}

/** An empty database. It is never the one in the URL itself, which may contain data. */
export async function makeDatabase({ databaseUrl, folder }: Run): Promise<BenchDatabase> {
  if (databaseUrl === null || databaseUrl.startsWith("sqlite:")) return SqliteDatabase.make(folder);
  return PostgresDatabase.make(databaseUrl);
}
