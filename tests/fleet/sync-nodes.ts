import { machineClock } from "../../packages/server/src/store/fixtures/machine-clock.ts";
import { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";
import { openPostgresStore, type PostgresStore } from "../../packages/server/src/store/postgres/postgres-store.ts";
import { openTestWeft, type TestWeft } from "../../packages/server/src/sync/fixtures/test-weft.ts";
import type { Source } from "../../packages/server/src/sync/source.ts";

const hour = 3_600_000;

/** The producers of several nodes in this process, each with connections of its own to one Postgres. */
export class SyncNodes implements AsyncDisposable {
  readonly #databases: TestDatabases;
  readonly #url: string;
  readonly #opened: AsyncDisposable[] = [];

  private constructor(databases: TestDatabases, url: string) {
    this.#databases = databases;
    this.#url = url;
  }

  static async open(): Promise<SyncNodes> {
    const databases = new TestDatabases();
    return new SyncNodes(databases, await databases.fresh());
  }

  async store(): Promise<PostgresStore> {
    const store = await openPostgresStore(
      {
        url: this.#url,
        masterKey: "a master key of at least thirty-two characters",
        retentionMs: 24 * hour,
        connectionsMax: 4,
        preparesStatements: true,
      },
      machineClock,
    );
    this.#opened.push(store);
    return store;
  }

  /** One more node, which stays alive for the longest test. */
  async start(sources: readonly Source[]): Promise<TestWeft> {
    const store = await this.store();
    const node = await openTestWeft({ sources, store, starts: false });
    const now = store.now();
    await store.recordHeartbeat({ nodeId: node.nodeId, leaseUntil: now + hour, now, isNew: true });
    node.runner.start();
    this.#opened.push(node);
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#opened.reverse()) await opened[Symbol.asyncDispose]();
    await this.#databases[Symbol.asyncDispose]();
  }
}
