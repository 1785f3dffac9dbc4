import type { Duplex } from "node:stream";
import pg from "pg";
import { limits } from "../../../domain/limits.ts";
import type { OutboundProxy } from "../../../outbound/proxy/outbound-proxy.ts";
import { ProxyError } from "../../../outbound/proxy/proxy-error.ts";
import { SourceError, TransientSourceError } from "../../source.ts";
import type { ResolveHost } from "../resolve-host.ts";
import { BoundedConnection } from "./bounded-connection.ts";
import { postgresFailure } from "./postgres-failure.ts";

export type SslMode = "verify" | "require" | "disable";

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly ssl: SslMode;
  /** Certificates (PEM) of the authority of the host; those of the machine when absent. */
  readonly sslAuthority: string | undefined;
}

export interface ReadingLimits {
  readonly connectMs: number;
  readonly statementMs: number;
}

/** The part of the outbound proxy that a database needs. */
export type DatabaseProxy = Pick<OutboundProxy, "serves" | "connect">;

export type DatabaseRow = Readonly<Record<string, string | null>>;

/**
 * One read-only transaction on one snapshot of another owner's database. Statements are sent one at a time (never several in
 * one text), so that none can end the transaction and continue.
 */
export class DatabaseReading implements AsyncDisposable {
  readonly #client: pg.Client;
  readonly #connection: BoundedConnection;

  /** The time limit of one statement's result; the database itself should end it earlier. */
  readonly #resultMs: number;

  private constructor({ client, connection }: Connected, { connectMs, statementMs }: ReadingLimits) {
    this.#client = client;
    this.#connection = connection;
    this.#resultMs = statementMs + connectMs;
  }

  static async open(
    address: DatabaseAddress,
    {
      owner,
      resolveHost,
      proxy,
      limits,
      signal,
    }: {
      owner: string;
      resolveHost: ResolveHost;
      proxy?: DatabaseProxy;
      limits: ReadingLimits;
      signal: AbortSignal;
    },
  ): Promise<DatabaseReading> {
    const addresses = await resolveHost(address.host, owner);
    const usesProxy = proxy?.serves(address.host) === true;
    const connected = await connectFirst(addresses, signal, async (ip) =>
      newClient(address, ip, {
        ...limits,
        tunnel: usesProxy ? await openTunnel(proxy, ip, address.port, limits) : null,
      }),
    );
    // A running query also ends with its connection.
    const onAbort = () => connected.connection.destroy();
    signal.addEventListener("abort", onAbort, { once: true });
    connected.client.once("end", () => signal.removeEventListener("abort", onAbort));
    const reading = new DatabaseReading(connected, limits);
    try {
      signal.throwIfAborted();
      await reading.#begin(limits);
      return reading;
    } catch (error) {
      await reading[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The rows of a short result. Values are sent as parameters. Throws a SourceError. */
  async select(text: string, values: readonly (string | number)[] = []): Promise<DatabaseRow[]> {
    return (await this.#run(text, values)).rows as DatabaseRow[];
  }

  /** The columns of a statement's result: their names, and the ids of their types. */
  async columnsOf(text: string): Promise<{ name: string; type: number }[]> {
    return (await this.#run(text)).fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
  }

  /** The rows of a long result, at most `rowsMax` at a time, on demand. Throws a SourceError. */
  async *rows(text: string, rowsMax: number): AsyncGenerator<DatabaseRow> {
    const came: DatabaseRow[] = [];
    let count = 0;
    let end: { readonly error: unknown } | null = null;
    let wake = () => {};
    using _ = this.#beginQuestion("taken");
    const query = new pg.Query({ ...asText, text, values: [] });
    query.on("row", (row: DatabaseRow) => {
      came.push(row);
      wake();
    });
    query.on("end", () => {
      end = { error: null };
      wake();
    });
    query.on("error", (error: unknown) => {
      end = { error };
      wake();
    });
    this.#client.query(query);
    for (;;) {
      const row = came.shift();
      if (row !== undefined) {
        count += 1;
        if (count > rowsMax) throw new SourceError("The database sent more rows than were requested.");
        yield row;
        continue;
      }
      if (end !== null) break;
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      this.#connection.rowsTaken();
      if (came.length === 0 && end === null) await woken;
    }
    const { error } = end as { readonly error: unknown };
    if (error !== null) throw postgresFailure(error);
  }

  async #begin({ statementMs }: ReadingLimits): Promise<void> {
    await this.#run("begin isolation level repeatable read read only");
    await this.#run(`set local statement_timeout to ${statementMs}`);
    await this.#run(`set local lock_timeout to ${statementMs}`);
    // A value that is read as text must be parsed back as the same value.
    await this.#run("set local datestyle to 'ISO, YMD'");
    await this.#run("set local timezone to 'UTC'");
    await this.#run("set local bytea_output to 'hex'");
  }

  async #run(text: string, values: readonly (string | number)[] = []): Promise<pg.QueryResult> {
    using _ = this.#beginQuestion("kept");
    try {
      return await this.#client.query({ ...asText, text, values: [...values] });
    } catch (error) {
      throw postgresFailure(error);
    }
  }

  #beginQuestion(rows: "taken" | "kept"): Disposable {
    this.#connection.begin(rows);
    const timer = setTimeout(() => this.#connection.destroy(new Error("timeout")), this.#resultMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endClient({ client: this.#client, connection: this.#connection });
  }
}

/** Every value stays the text that was sent: its sender also determines the type, and with it how it would be parsed. */
const asText = {
  queryMode: "extended",
  types: { getTypeParser: () => (text: string) => text },
} as unknown as Pick<pg.QueryConfig, "types"> & { queryMode: "extended" };

interface Connected {
  readonly client: pg.Client;
  readonly connection: BoundedConnection;
}

/** A connection through the proxy. The library calls `connect` on it, although it is connected. */
async function openTunnel(
  proxy: DatabaseProxy,
  host: string,
  port: number,
  { connectMs }: ReadingLimits,
): Promise<Duplex> {
  try {
    const socket = await proxy.connect([host], port, connectMs);
    const connect = () => {
      queueMicrotask(() => socket.emit("connect"));
      return socket;
    };
    return Object.assign(socket, { connect });
  } catch (error) {
    if (error instanceof ProxyError) throw new TransientSourceError(error.message);
    throw error;
  }
}

function newClient(
  address: DatabaseAddress,
  ip: string,
  { connectMs, tunnel }: ReadingLimits & { readonly tunnel: Duplex | null },
): Connected {
  const { port, database, user, password } = address;
  const ssl = tlsOf(address);
  const connection = new BoundedConnection({
    ssl,
    sslNegotiation: "postgres",
    keepAlive: true,
    ...(tunnel !== null && { stream: () => tunnel }),
  } as pg.ConnectionConfig);
  connection.begin("kept");
  // The library would take every option that is missing here from the operator's environment, or from a password file.
  const client = new pg.Client({
    host: ip,
    port,
    database,
    user,
    password: () => password,
    ssl,
    sslnegotiation: "postgres",
    client_encoding: "UTF8",
    application_name: "weft",
    connectionTimeoutMillis: connectMs,
    connection,
  } as pg.ClientConfig);
  return { client, connection };
}

function tlsOf({ ssl, host, sslAuthority }: DatabaseAddress) {
  if (ssl === "disable") return false;
  // The certificate is checked for the host, although the connection is to an address.
  const servername = /:|^[\d.]+$/.test(host) ? undefined : host;
  return { rejectUnauthorized: ssl === "verify", servername, ca: sslAuthority };
}

/** Connects to the first address that accepts a connection. */
async function connectFirst(
  addresses: readonly string[],
  signal: AbortSignal,
  clientOf: (ip: string) => Promise<Connected>,
): Promise<Connected> {
  let failure: unknown = new SourceError("The database's host has no address.");
  for (const ip of addresses.slice(0, limits.postgresAddressesMax)) {
    signal.throwIfAborted();
    const connected = await clientOf(ip).catch((error: unknown) => {
      failure = error;
      return null;
    });
    if (connected === null) continue;
    const { client, connection } = connected;
    if (signal.aborted) connection.destroy();
    signal.throwIfAborted();
    const onAbort = () => connection.destroy();
    signal.addEventListener("abort", onAbort, { once: true });
    client.on("error", () => {}); // the query under way fails with it
    try {
      await client.connect();
      return connected;
    } catch (error) {
      failure = error;
      await endClient(connected);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
  throw postgresFailure(failure);
}

/** Sends the end message, and does not wait long for the close. */
async function endClient({ client, connection }: Connected): Promise<void> {
  const timer = setTimeout(() => connection.destroy(), limits.postgresEndMs);
  await client.end().catch(() => {});
  clearTimeout(timer);
  connection.destroy();
}
