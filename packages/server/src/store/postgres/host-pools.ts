import { Socket } from "node:net";
import pg from "pg";
import type { DatabaseHost } from "../../domain/database-hosts.ts";

/** A connection of a pool is either for commits of messages and attempts, or for everything else. */
export type PoolName = "commits" | "others";

interface PoolSettings {
  readonly connectionsMax: number;
  readonly connectMs: number;
  readonly queryMs: number;
  /** Called with each new connection of the pools, before it is used. The connection is closed if it throws. */
  readonly check: (host: HostPools, client: pg.ClientBase) => Promise<void>;
}

/** A peer that is gone is noticed after this time and ten seconds, also by a connection that only listens. */
const keepAliveMs = 10_000;

/** One server, and the connections of this node to it. */
export class HostPools {
  readonly name: string;
  readonly commits: pg.Pool;
  readonly others: pg.Pool;
  readonly #settings: PoolSettings;
  readonly #options: pg.ClientConfig;
  readonly #sockets = new Set<Socket>();

  constructor({ name, url }: DatabaseHost, settings: PoolSettings) {
    this.name = name;
    this.#settings = settings;
    this.#options = {
      connectionString: url,
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
      connectionTimeoutMillis: settings.connectMs,
      types: { getTypeParser },
      stream: () => this.#newSocket(),
    };
    this.commits = this.#newPool(1);
    this.others = this.#newPool(settings.connectionsMax);
  }

  /** A connection outside of the pools, for its caller to end. */
  async client(options: pg.ClientConfig): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#options, ...options });
    client.on("error", () => {});
    await client.connect();
    return client;
  }

  /** Breaks every connection. Queries in progress fail at once, although the server does not respond. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    await Promise.all([this.commits.end(), this.others.end()]);
    // A server that hangs never closes its side, which must not keep the process alive.
    for (const socket of this.#sockets) socket.unref();
  }

  #newSocket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  }

  #newPool(max: number): pg.Pool {
    const pool = new pg.Pool({
      ...this.#options,
      max,
      query_timeout: this.#settings.queryMs,
      application_name: "weft",
      onConnect: (client) => this.#settings.check(this, client),
    });
    // A broken connection rejects the queries that wait on it; an idle one is replaced when it is needed.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    return pool;
  }
}

const int8 = 20;

// Times in milliseconds and counts are far below 2^53.
function getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  return oid === int8 ? Number : pg.types.getTypeParser(oid, format as "text");
}
