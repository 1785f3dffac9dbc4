import { randomBytes } from "node:crypto";
import { createClient, type Weft } from "../packages/sdk/src/index.ts";
import type { MessageId } from "../packages/server/src/domain/id.ts";
import { Child } from "./child.ts";
import { type BenchDatabase, type DatabaseCosts, makeDatabase, type StoredMessage } from "./database.ts";
import type { Run } from "./scenario.ts";
import type { Usage } from "./usage.ts";
import type { WeftQuestions } from "./weft-process.ts";

interface Node {
  readonly url: string;
  readonly process: Child<WeftQuestions>;
}

/**
 * Weft as an operator runs it: a database and its nodes. Hides which database that is. Disposing removes everything.
 */
export class Installation implements AsyncDisposable {
  readonly adminKey = newKey();
  readonly #masterKey = newKey();
  readonly #run: Run;
  readonly #database: BenchDatabase;
  #nodes: readonly Node[] = [];

  /** Over an empty database; no node is running yet. */
  static async make(run: Run): Promise<Installation> {
    const database = await makeDatabase(run);
    if (run.nodes <= database.nodesMax) return new Installation(run, database);
    await database[Symbol.asyncDispose]();
    throw new Error(`This database is for at most ${database.nodesMax} node; ${run.nodes} were asked for.`);
  }

  private constructor(run: Run, database: BenchDatabase) {
    this.#run = run;
    this.#database = database;
  }

  /** Starts the nodes; it resolves when they listen. They use the machine's DNS servers unless one is given. */
  async start({
    dnsServer = null,
    settings = {},
  }: {
    dnsServer?: string | null;
    settings?: Readonly<Record<string, string>>;
  } = {}): Promise<void> {
    const { signal, weftNodeOptions: nodeOptions, nodes, folder: filesFolder } = this.#run;
    for (let started = 0; started < nodes; started++) {
      const process = new Child<WeftQuestions>({ program: "weft-process.ts", nodeOptions, signal });
      // Stored before it listens, so that a node that fails to start is stopped too.
      this.#nodes = [...this.#nodes, { url: "", process }];
      const url = await process.call("start", {
        databaseUrl: this.#database.url,
        adminKey: this.adminKey,
        masterKey: this.#masterKey,
        filesFolder,
        dnsServer,
        settings,
      });
      this.#nodes = this.#nodes.with(-1, { url, process });
    }
  }

  /** Ends the nodes as SIGTERM does. The database stays. */
  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map(({ process }) => process.call("stop")));
    await this.#end();
  }

  get urls(): readonly string[] {
    return this.#nodes.map(({ url }) => url);
  }

  /** The cost of all nodes together. */
  async usage(): Promise<Usage> {
    const usages = await Promise.all(this.#nodes.map(({ process }) => process.call("usage")));
    return {
      cpuMs: usages.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      residentBytes: usages.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
      residentPeakBytes: usages.reduce((sum, { residentPeakBytes }) => sum + residentPeakBytes, 0),
      writtenBytes: usages.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0),
    };
  }

  /** Begins to measure how long the event loops of the nodes are blocked. */
  async watchLoop(): Promise<void> {
    await Promise.all(this.#nodes.map(({ process }) => process.call("watchLoop")));
  }

  /** The longest time that the event loop of any node was blocked since then. */
  async longestStallMs(): Promise<number> {
    return Math.max(...(await Promise.all(this.#nodes.map(({ process }) => process.call("longestStallMs")))));
  }

  /** A client with the admin key, working in the first organization unless another is named. */
  client(organizationId?: string): Weft {
    const [url = ""] = this.urls;
    return createClient({ url, apiKey: this.adminKey, organizationId });
  }

  /** Inserts rows directly into the database. Only after `stop`. */
  store(messages: Iterable<StoredMessage>): Promise<void> {
    return this.#database.store(messages, this.#run.signal);
  }

  countAttempts(from: MessageId): Promise<number> {
    return this.#database.countAttempts(from);
  }

  countUndelivered(from: MessageId): Promise<number> {
    return this.#database.countUndelivered(from);
  }

  databaseCosts(): Promise<DatabaseCosts> {
    return this.#database.costs();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await this.#database[Symbol.asyncDispose]();
  }

  async #end(): Promise<void> {
    await Promise.all(this.#nodes.map(({ process }) => process[Symbol.asyncDispose]()));
    this.#nodes = [];
  }
}

function newKey(): string {
  return randomBytes(32).toString("base64url");
}
