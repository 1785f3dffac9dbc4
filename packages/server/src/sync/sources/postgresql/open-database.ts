import pg from "pg";
import { SourceError } from "../../source.ts";
import type { ResolveHost } from "../resolve-host.ts";
import { postgresFailure } from "./postgres-failure.ts";

export type SslMode = "verify" | "require" | "disable";

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly ssl: SslMode;
  /** Certificates (PEM) of whoever vouches for the host; those that the machine knows when absent. */
  readonly sslAuthority: string | undefined;
}

export interface ReadingLimits {
  readonly connectMs: number;
  readonly statementMs: number;
}

export type Row = Readonly<Record<string, string | null>>;

/**
 * One transaction that reads one state of somebody's database, and can do nothing else. Statements are sent one at a
 * time (never as a text of several), so that none can end the transaction and go on.
 */
export class DatabaseReading implements AsyncDisposable {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(
    address: DatabaseAddress,
    {
      owner,
      resolveHost,
      limits,
      signal,
    }: { owner: string; resolveHost: ResolveHost; limits: ReadingLimits; signal: AbortSignal },
  ): Promise<DatabaseReading> {
    const addresses = await resolveHost(address.host, owner);
    const client = await connectFirst(addresses, (ip) => newClient(address, ip, limits));
    // Also a query under way ends with its connection.
    const onAbort = () => void client.end().catch(() => {});
    signal.addEventListener("abort", onAbort, { once: true });
    client.once("end", () => signal.removeEventListener("abort", onAbort));
    const reading = new DatabaseReading(client);
    try {
      signal.throwIfAborted();
      await reading.#begin(limits);
      return reading;
    } catch (error) {
      await reading[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Values go beside the text. Throws a SourceError. */
  async ask(text: string, values: readonly (string | number)[] = []): Promise<Row[]> {
    return (await this.#run(text, values)).rows as Row[];
  }

  /** The columns that a statement answers: their names, and the ids of their types. */
  async columnsOf(text: string): Promise<{ name: string; type: number }[]> {
    return (await this.#run(text)).fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
  }

  async #begin({ statementMs }: ReadingLimits): Promise<void> {
    await this.#run("begin isolation level repeatable read read only");
    await this.#run(`set local statement_timeout to ${statementMs}`);
    await this.#run(`set local lock_timeout to ${statementMs}`);
    // What is read as text must be read back as the same value.
    await this.#run("set local datestyle to 'ISO, YMD'");
    await this.#run("set local timezone to 'UTC'");
    await this.#run("set local bytea_output to 'hex'");
  }

  async #run(text: string, values: readonly (string | number)[] = []): Promise<pg.QueryResult> {
    const query: pg.QueryConfig & { queryMode: "extended" } = { text, values: [...values], queryMode: "extended" };
    try {
      return await this.#client.query(query);
    } catch (error) {
      throw postgresFailure(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end().catch(() => {});
  }
}

function newClient(address: DatabaseAddress, ip: string, { connectMs, statementMs }: ReadingLimits): pg.Client {
  const { port, database, user, password } = address;
  // Whatever is left out here the library would take from the operator's environment, or from a file of passwords.
  return new pg.Client({
    host: ip,
    port,
    database,
    user,
    password: () => password,
    ssl: tlsOf(address),
    sslnegotiation: "postgres",
    client_encoding: "UTF8",
    application_name: "weft",
    keepAlive: true,
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs + connectMs,
  });
}

function tlsOf({ ssl, host, sslAuthority }: DatabaseAddress) {
  if (ssl === "disable") return false;
  // The certificate is the host's, though the connection goes to an address.
  const servername = /:|^[\d.]+$/.test(host) ? undefined : host;
  return { rejectUnauthorized: ssl === "verify", servername, ca: sslAuthority };
}

/** Connects to the first address that takes a connection. */
async function connectFirst(addresses: readonly string[], clientOf: (ip: string) => pg.Client): Promise<pg.Client> {
  let failure: unknown = new SourceError("The database's host has no address.");
  for (const ip of addresses) {
    const client = clientOf(ip);
    client.on("error", () => {}); // the query under way fails with it
    try {
      await client.connect();
      return client;
    } catch (error) {
      failure = error;
      await client.end().catch(() => {});
    }
  }
  throw postgresFailure(failure);
}
