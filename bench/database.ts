import type { Attempt } from "../packages/server/src/domain/attempt.ts";
import type { DeliveryState } from "../packages/server/src/domain/delivery.ts";
import type { MessageId, SubscriptionId } from "../packages/server/src/domain/id.ts";
import type { PublishedEvent } from "../packages/server/src/domain/message.ts";
import { PostgresDatabase } from "./postgres-database.ts";
import type { Run } from "./scenario.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

/** A message as it lies in the database some time after it was accepted. */
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

/** Figures that only the database has. Counters start with the database; null where they are unknown. */
export interface DatabaseCosts {
  /** The sum over its processes. Null for a server on another machine, and where the database is part of the node. */
  readonly cpuMs: number | null;
  readonly walBytes: number | null;
  readonly transactions: number | null;
  /** The nodes' connections to it now. */
  readonly connections: number | null;
  /** Tables and indexes now. */
  readonly storedBytes: number;
  /** Indexes alone. */
  readonly indexBytes: number | null;
}

/** A database of Weft's schema that belongs to one installation of the benchmark. Disposing removes it with all that is in it. */
export interface BenchDatabase extends AsyncDisposable {
  /** What WEFT_DATABASE_URL says to the nodes. */
  readonly url: string;
  /** How many nodes may share it. */
  readonly nodesMax: number;
  /** Puts rows straight into it, and onto the disk. A node has made the schema, and none is running. */
  store(messages: Iterable<StoredMessage>, signal: AbortSignal): Promise<void>;
  /** Attempts recorded for messages from this id on; from outside, beside the nodes. */
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
