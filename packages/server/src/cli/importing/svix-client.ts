import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../failure.ts";

/** A server with Svix's API, and a token for it. */
export interface SvixServer {
  /** Without `/api/v1`. */
  readonly url: string;
  readonly token: string | null;
  /** The server's part in the command, for errors. */
  readonly name: string;
}

/** A response other than 2xx. */
export class SvixRefusal extends Error {
  override readonly name = "SvixRefusal";
  readonly status: number;

  constructor(status: number, detail: string) {
    super(`${status}: ${detail}`);
    this.status = status;
  }
}

const timeoutMs = 30_000;
const responseBytesMax = 32 * 1024 * 1024;
const detailLengthMax = 300;
const pageSize = 250;
/** Ends a list of a server that repeats itself. It is far above what one environment has. */
const itemsMax = 1_000_000;
const triesMax = 6;
const retryMs = 1_000;
const retryMsMax = 60_000;

/** Calls a server with Svix's API. It waits and repeats a call when the server is busy or fails. */
export class SvixClient {
  readonly #server: SvixServer;

  constructor(server: SvixServer) {
    this.#server = server;
  }

  get(path: string): Promise<unknown> {
    return this.#call("GET", path);
  }

  post(path: string, body: object): Promise<unknown> {
    return this.#call("POST", path, body);
  }

  /** Null when the server has no such thing. */
  async find(path: string): Promise<unknown> {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof SvixRefusal && error.status === 404) return null;
      throw error;
    }
  }

  /** Every item of a list, page by page. */
  async *list(path: string, query: Readonly<Record<string, string>> = {}): AsyncGenerator<unknown> {
    let iterator: string | null = null;
    for (let count = 0; count < itemsMax; ) {
      const given = new URLSearchParams({ ...query, limit: String(pageSize), ...(iterator !== null && { iterator }) });
      const page = await this.get(`${path}?${given}`);
      const { data, done, iterator: next } = (page ?? {}) as { data?: unknown; done?: unknown; iterator?: unknown };
      if (!Array.isArray(data)) throw this.#unexpected(path);
      yield* data;
      count += data.length;
      if (done === true || data.length === 0) return;
      if (typeof next !== "string" || next === iterator) throw this.#unexpected(path);
      iterator = next;
    }
    throw new CommandError(1, `${this.#server.name} lists more than ${itemsMax} items at ${path}.`);
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.#try(method, path, body);
      if (outcome.waitMs === null || tries === triesMax) {
        if (outcome.refusal !== null) throw outcome.refusal;
        return outcome.value;
      }
      await sleep(outcome.waitMs);
    }
  }

  async #try(method: string, path: string, body: object | undefined): Promise<Outcome> {
    const { url, token, name } = this.#server;
    try {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          accept: "application/json",
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A redirect could lead the token to another server.
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await boundedText(response, name);
      if (response.ok) return { value: parsed(text) ?? null, refusal: null, waitMs: null };
      const refusal = new SvixRefusal(response.status, detailOf(text));
      return { value: null, refusal, waitMs: isBusy(response.status) ? waitOf(response) : null };
    } catch (cause) {
      if (cause instanceof CommandError) throw cause;
      throw new CommandError(1, `${name} at ${url} could not be reached: ${reasonOf(cause)}.`, { cause });
    }
  }

  #unexpected(path: string): CommandError {
    return new CommandError(1, `${this.#server.name} returned no list of Svix's API at ${path}. Check its URL.`);
  }
}

interface Outcome {
  readonly value: unknown;
  readonly refusal: SvixRefusal | null;
  /** The time before the next try; null for none. */
  readonly waitMs: number | null;
}

async function boundedText(response: Response, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > responseBytesMax) throw new CommandError(1, `${name} sent a response of more than 32 MiB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function detailOf(text: string): string {
  const { detail, message } = (parsed(text) ?? {}) as { detail?: unknown; message?: unknown };
  const given = detail ?? message ?? text;
  return (typeof given === "string" ? given : JSON.stringify(given)).slice(0, detailLengthMax);
}

function isBusy(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

function waitOf({ headers }: Response): number {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1_000, retryMsMax) : retryMs;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}
