import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { FaultyProxy } from "./faulty-proxy.ts";

interface PairParts {
  readonly primary: PostgresServer;
  readonly standby: PostgresServer;
  readonly replication: FaultyProxy;
  readonly database: string;
  readonly isSynchronous: boolean;
}

/** A primary and a standby, on two ports that stay the same when they change roles. */
export class PostgresPair implements AsyncDisposable {
  primary: PostgresServer;
  standby: PostgresServer;
  /** The network between the first primary and the first standby. */
  readonly replication: FaultyProxy;
  readonly #database: string;
  readonly #isSynchronous: boolean;
  readonly #ended: PostgresServer[] = [];

  private constructor(parts: PairParts) {
    this.primary = parts.primary;
    this.standby = parts.standby;
    this.replication = parts.replication;
    this.#database = parts.database;
    this.#isSynchronous = parts.isSynchronous;
  }

  static async start({ isSynchronous }: { isSynchronous: boolean }): Promise<PostgresPair> {
    const primary = await PostgresServer.start({ isDurable: true });
    const database = await primary.database();
    const replication = await FaultyProxy.start(() => primary.port);
    const standby = await primary.standby({ primaryPort: replication.port });
    const pair = new PostgresPair({ primary, standby, database, isSynchronous, replication });
    if (isSynchronous) await primary.synchronize(true);
    return pair;
  }

  /** The URL of both servers, or of those behind two proxies. */
  url(ports: readonly number[] = [this.primary.port, this.standby.port]): string {
    const hosts = ports.map((port) => `127.0.0.1:${port}`).join(",");
    return `postgres://weft@${hosts}/${this.#database}?target_session_attrs=read-write`;
  }

  /** Makes the standby the primary. The former primary was killed, or is cut off, and never returns to the pair. */
  async failOver(): Promise<void> {
    await this.standby.promote();
    this.#ended.push(this.primary);
    this.primary = this.standby;
  }

  /** Starts a new standby on the port of the server that was killed. */
  async addStandby(): Promise<void> {
    const killed = this.#ended.at(-1);
    await killed?.[Symbol.asyncDispose]();
    this.standby = await this.primary.standby({ port: killed?.port });
    if (this.#isSynchronous) await this.primary.synchronize(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = new Set([this.primary, this.standby, ...this.#ended]);
    for (const server of all) server.freeze(false);
    await Promise.all([...all].map((server) => server[Symbol.asyncDispose]()));
    await this.replication[Symbol.asyncDispose]();
  }
}
