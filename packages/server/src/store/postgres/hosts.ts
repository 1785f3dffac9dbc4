import type pg from "pg";
import { databaseHosts } from "../../domain/database-hosts.ts";
import { ConnectionsInUseError, NoPrimaryError } from "./faults.ts";
import { HostPools, type PoolName } from "./host-pools.ts";
import { type History, isAnotherPrimary, isSuperseded, readServerRole, type ServerRole } from "./server-role.ts";

/** A single server may be slow to accept a connection. With several, another one is tried sooner. */
const connectMs = { single: 5_000, several: 3_000 };
/** Each time that a transaction has no result for this long, the node searches for another primary. */
const silenceMs = 2_000;

/** The connection that reported it is replaced; so is every other one to that server. */
class PrimaryReplacedError extends NoPrimaryError {}

/** A server, and the reason why it cannot be the primary; null if it accepts writes. */
export interface ServerState {
  readonly server: string;
  readonly reason: string | null;
}

interface Candidate {
  readonly host: HostPools;
  readonly role: ServerRole;
}

/**
 * The servers of one database. Connections go to the primary, which may change. This node never returns from a primary to
 * one that was replaced by a promotion, so that it does not write to a server that was cut off from the others.
 */
export class Hosts {
  readonly #hosts: readonly HostPools[];
  readonly #listeners: ((server: string) => void)[] = [];
  #primary: HostPools | null;
  #known: History | null = null;
  #search: Promise<Candidate | null> | null = null;
  /** The reason why each server was not used, from the last search. */
  readonly #reasons = new Map<HostPools, string>();

  constructor(url: string, { connectionsMax, queryMs }: { connectionsMax: number; queryMs: number }) {
    const named = databaseHosts(url);
    const timeoutMs = named.length === 1 ? connectMs.single : connectMs.several;
    this.#hosts = named.map(
      (host) => new HostPools(host, { connectionsMax, queryMs, connectMs: timeoutMs, check: this.#check.bind(this) }),
    );
    this.#primary = this.#hosts.length === 1 ? (this.#hosts[0] ?? null) : null;
  }

  /** Calls a listener when another server, or the same one after a promotion, became the primary. */
  onNewPrimary(listener: (server: string) => void): void {
    this.#listeners.push(listener);
  }

  /** A connection of the primary's pool. Throws NoPrimaryError if no server accepts writes. */
  async connect(name: PoolName): Promise<pg.PoolClient> {
    let host = this.#primary ?? (await this.#find());
    for (let tries = 1; ; tries++) {
      const pool = host[name];
      try {
        return await pool.connect();
      } catch (error) {
        if (pool.totalCount >= (pool.options.max ?? 1)) {
          throw new ConnectionsInUseError("All connections to the database were in use for too long. Try again.");
        }
        if (tries > this.#hosts.length) throw error;
        host = await this.#after(host, error);
      }
    }
  }

  /** The server to try after one to which no connection could be opened. */
  async #after(host: HostPools, error: unknown): Promise<HostPools> {
    if (this.#primary !== null && (this.#primary !== host || error instanceof PrimaryReplacedError))
      return this.#primary;
    this.#reasons.set(host, reasonOf(error));
    if (this.#hosts.length > 1) return await this.#find();
    throw error instanceof NoPrimaryError ? this.#noPrimary() : error;
  }

  /** A connection to the primary outside of the pools, for its caller to end. */
  async client(options: pg.ClientConfig): Promise<pg.Client> {
    const host = this.#primary ?? (await this.#find());
    return await host.client(options);
  }

  /** Looks for another primary every two seconds until the returned object is disposed of. */
  expectResult(): Disposable {
    const host = this.#primary;
    if (host === null) return { [Symbol.dispose]: () => {} };
    const timer = setInterval(() => void this.#replaceSilent(host), silenceMs);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  /** The state of each server, in the order of the URL. */
  async states(): Promise<ServerState[]> {
    const candidates = await Promise.all(this.#hosts.map((host) => this.#look(host)));
    return this.#hosts.map((host, index) => {
      const reason = candidates[index] === null ? (this.#reasons.get(host) ?? "") : null;
      return { server: host.name, reason };
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.close()));
  }

  /** Searches the servers other than the present primary. Throws NoPrimaryError if none of them accepts writes. */
  async #find(): Promise<HostPools> {
    const found = await this.#searchOnce();
    if (found === null) throw this.#noPrimary();
    this.#use(found);
    return found.host;
  }

  /** A server that is slow stays the primary: only one that was promoted later replaces it. */
  async #replaceSilent(silent: HostPools): Promise<void> {
    if (this.#primary !== silent) return;
    const found = await this.#searchOnce();
    if (found === null || this.#primary !== silent) return;
    if (found.role.history !== null && !isAnotherPrimary(found.role.history, this.#known)) return;
    this.#use(found);
  }

  /** Concurrent callers share a search. */
  #searchOnce(): Promise<Candidate | null> {
    this.#search ??= this.#searchNow().finally(() => {
      this.#search = null;
    });
    return this.#search;
  }

  async #searchNow(): Promise<Candidate | null> {
    // Behind a single name, a new connection may reach another server than those that are open.
    const isSingle = this.#hosts.length === 1;
    const others = this.#hosts.filter((host) => isSingle || host !== this.#primary);
    const looked = await Promise.all(others.map((host) => this.#look(host)));
    const found = looked.filter((each) => each !== null);
    // After a partition, two servers may accept writes. The one that was promoted last is the primary.
    return found.sort((a, b) => timelineOf(b) - timelineOf(a))[0] ?? null;
  }

  async #look(host: HostPools): Promise<Candidate | null> {
    try {
      const client = await host.client({ application_name: "weft", query_timeout: connectMs.several });
      try {
        const role = await readServerRole(client);
        this.#refuse(host, role);
        return { host, role };
      } finally {
        await client.end();
      }
    } catch (error) {
      this.#reasons.set(host, reasonOf(error));
      return null;
    }
  }

  /** Throws NoPrimaryError if a server is not the primary. */
  #refuse(host: HostPools, { acceptsWrites, history }: ServerRole): void {
    if (!acceptsWrites) throw new NoPrimaryError(`${host.name} is read-only`);
    if (isSuperseded(history, this.#known)) throw new NoPrimaryError(`${host.name} was replaced by a later primary`);
  }

  async #check(host: HostPools, client: pg.ClientBase): Promise<void> {
    const role = await readServerRole(client);
    this.#refuse(host, role);
    if (this.#primary !== host) throw new NoPrimaryError(`${host.name} is not used any more`);
    const isReplaced = isAnotherPrimary(role.history, this.#known);
    this.#use({ host, role });
    if (isReplaced) throw new PrimaryReplacedError(`${host.name} has become another primary. Try again.`);
  }

  #use({ host, role: { history } }: Candidate): void {
    const before = this.#primary;
    const isReplaced = isAnotherPrimary(history, this.#known) || (before !== null && before !== host);
    this.#primary = host;
    this.#known = history ?? this.#known;
    if (!isReplaced) return;
    before?.disconnect();
    for (const listener of this.#listeners) listener(host.name);
  }

  #noPrimary(): NoPrimaryError {
    const reasons = this.#hosts.flatMap((host) => this.#reasons.get(host) ?? []);
    return new NoPrimaryError(`No server of the database accepts writes: ${reasons.join("; ")}. Try again.`);
  }
}

function timelineOf({ role }: Candidate): number {
  return role.history?.timeline ?? 0;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
