// An application that keeps its own table, and publishes in the transaction of each change. From time to time it dies
// in the middle of one, at the worst moments.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

/** The application's task, as JSON in its one argument. */
export interface Task {
  readonly databaseUrl: string;
  readonly organizationId: string;
  readonly transactions: number;
  /** Concurrent transactions, each on a connection of its own. */
  readonly connections: number;
  /** The maximum pause of each connection between two of them (ms). */
  readonly restMs: number;
  readonly diesOften: boolean;
}

/**
 * Reported for each transaction that ended. `committedAt` (Unix ms): the time of the commit's response; null: rolled
 * back.
 */
export interface ProcessMessage {
  readonly collectionId: string;
  readonly committedAt: number | null;
}

const rollbackShare = 0.1;
const deathShare = 1 / 600;

const task = JSON.parse(process.argv[2] ?? "") as Task;
let left = task.transactions;
await Promise.all(Array.from({ length: task.connections }, () => work()));
process.disconnect();

async function work(): Promise<void> {
  const client = new pg.Client({ connectionString: task.databaseUrl });
  await client.connect();
  while (left-- > 0) {
    await sleep(Math.random() * task.restMs);
    const outcome = await change(client);
    process.send?.(outcome);
  }
  await client.end();
}

async function change(client: pg.Client): Promise<ProcessMessage> {
  const id = randomUUID();
  const name = `Collection ${id.slice(0, 4)}`;
  const payload = JSON.stringify({
    event_type: "collection.created",
    collection_id: id,
    collection_name: name,
    collection_readable_id: `collection-${id.slice(0, 8)}`,
    timestamp: new Date().toISOString(),
  });
  await client.query("begin");
  await client.query("insert into shop.collection (id, name) values ($1, $2)", [id, name]);
  mayDie();
  await client.query(
    "update shop.collection set message_id = weft.publish($2, 'collection.created', $3, $4) where id = $1",
    [id, task.organizationId, payload, `created-${id}`],
  );
  mayDie();
  if (Math.random() < rollbackShare) {
    await client.query("rollback");
    return { collectionId: id, committedAt: null };
  }
  const committing = client.query("commit");
  mayDie();
  await committing;
  return { collectionId: id, committedAt: performance.timeOrigin + performance.now() };
}

function mayDie(): void {
  if (task.diesOften && Math.random() < deathShare) process.kill(process.pid, "SIGKILL");
}
