import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { root } from "../documents/blocks.ts";
import type { StableValues } from "./stable-values.ts";

/** A request and its response, as the reference shows them. */
export interface Example {
  readonly method: string;
  readonly path: string;
  readonly request?: unknown;
  readonly status: number;
  /** Undefined for a response without content. */
  readonly response?: unknown;
}

export interface Request {
  /** The values of the parameters in the path, in their order. */
  readonly path?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface OpenApi {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

/** Calls the operations of an API, and keeps one example of each. */
export class ExampleRecorder {
  readonly #weft: RunningWeft;
  readonly #token: string;
  readonly #stable: StableValues;
  readonly #operations: ReadonlyMap<string, { readonly method: string; readonly path: string }>;
  readonly #examples = new Map<string, Example>();

  constructor(weft: RunningWeft, token: string, document: string, stable: StableValues) {
    this.#weft = weft;
    this.#token = token;
    this.#stable = stable;
    const { servers, paths } = JSON.parse(readFileSync(join(root, document), "utf8")) as OpenApi;
    const prefix = servers[0]?.url.replace(/\/$/, "") ?? "";
    this.#operations = new Map(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, { operationId }]) => [
          operationId,
          { method: method.toUpperCase(), path: prefix + path },
        ]),
      ),
    );
  }

  /** Calls an operation, which must succeed, and returns the body of its response. */
  // biome-ignore lint/suspicious/noExplicitAny: a tour reads responses of every shape.
  async call(operation: string, { path = [], query = {}, body }: Request = {}): Promise<any> {
    const known = this.#operations.get(operation);
    if (known === undefined) throw new Error(`The document has no operation ${operation}.`);
    const values = [...path];
    const filled = known.path.replaceAll(/\{\w+\}/g, () => values.shift() ?? "");
    const search = new URLSearchParams(query).toString();
    const target = search === "" ? filled : `${filled}?${search}`;
    const reply = await this.#weft.call(known.method, target, {
      body,
      headers: { authorization: `Bearer ${this.#token}` },
    });
    if (reply.status >= 400) throw new Error(`${known.method} ${target}: ${reply.status} ${reply.text}`);
    const recorded = {
      method: known.method,
      path: decodeURIComponent(target),
      request: body,
      status: reply.status,
      response: reply.body,
    };
    this.#examples.set(operation, recorded);
    return reply.body;
  }

  /** The operations without an example. */
  get missing(): string[] {
    return [...this.#operations.keys()].filter((operation) => !this.#examples.has(operation));
  }

  /** The examples by the ids of their operations, as JSON. */
  get json(): string {
    const sorted = [...this.#examples].sort(([a], [b]) => (a < b ? -1 : 1));
    const stable = sorted.map(([operation, example]) => [operation, this.#stable.in(example)]);
    return `${JSON.stringify(Object.fromEntries(stable), null, 2)}\n`;
  }
}
