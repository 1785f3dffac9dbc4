import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";
import { Nodes } from "./nodes.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A callback that holds challenges until the test releases them, and counts the events that arrive. */
class Callback implements AsyncDisposable {
  readonly events: { eventId: string }[] = [];
  #held: (() => void)[] = [];
  #holds = false;
  #challenged: () => void = () => {};
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(): Promise<Callback> {
    const callback = new Callback();
    await new Promise<void>((resolve) => callback.#server.listen(0, "127.0.0.1", resolve));
    return callback;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/agent`;
  }

  /** Holds the next challenge. Resolves when it has arrived. */
  hold(): Promise<void> {
    this.#holds = true;
    return new Promise((resolve) => {
      this.#challenged = resolve;
    });
  }

  release(): void {
    this.#holds = false;
    for (const send of this.#held.splice(0)) send();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    if (body.type !== "verification") {
      this.events.push(body);
      response.writeHead(204).end();
      return;
    }
    const send = () => void response.writeHead(200).end(JSON.stringify({ challenge: body.challenge }));
    if (this.#holds) this.#held.push(send);
    else send();
    this.#challenged();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

// biome-ignore lint/suspicious/noExplicitAny: tests read responses of every shape.
async function call(url: string, key: string, path: string, body?: object, headers: object = {}): Promise<any> {
  const response = await fetch(url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json", "x-api-key": key, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return await response.json();
}

function callMcp(url: string, key: string, method: string, more: object) {
  const params = { name: "collection.created", arguments: {}, _meta: meta, ...more };
  const headers = {
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
  };
  return call(url, key, "/mcp", { jsonrpc: "2.0", id: 1, method, params }, headers);
}

function subscribe(url: string, key: string, callback: Callback) {
  return callMcp(url, key, "events/subscribe", { delivery: { mode: "webhook", url: callback.url, secret } });
}

interface Polled {
  readonly events: { readonly data: { readonly collection_name: string } }[];
  readonly cursor: string;
  readonly truncated: boolean;
  readonly hasMore: boolean;
}

async function poll(url: string, key: string, cursor: string | null): Promise<Polled> {
  return (await callMcp(url, key, "events/poll", { cursor, maxEvents: 7 })).result;
}

describe.each(["SQLite", "PostgreSQL"])("on %s", (kind) => {
  test("a subscription of an agent survives kill -9 at every moment, and is one", { timeout: 180_000 }, async () => {
    using folder = temporaryFolder();
    await using callback = await Callback.start();
    const isFleet = kind === "PostgreSQL";
    await using nodes = new Nodes(isFleet ? await databases.fresh() : `sqlite:${folder.path}/weft.db`);
    await nodes.startMany(isFleet ? 2 : 1);
    const made = await call(nodes.api.url, nodes.adminKey, "/api-keys", { name: "agent", scopes: ["subscribe"] });
    const { key } = made as { key: string };
    const listed = async () =>
      (await call(nodes.api.url, nodes.adminKey, "/webhooks/subscriptions")) as { mcp: { subscription_id: string } }[];
    const killFirst = async () => {
      await nodes.kill(0);
      if (!isFleet) await nodes.start();
    };

    // Killed between the challenge and the store.
    const isChallenged = callback.hold();
    const lost = subscribe(nodes.api.url, key, callback).catch(() => null);
    await isChallenged;
    await killFirst();
    callback.release();
    expect(await lost).toBeNull();
    expect(await listed()).toEqual([]);
    if (isFleet) await nodes.start();

    const first = await subscribe(nodes.api.url, key, callback);
    expect(first.result).toMatchObject({ id: expect.stringMatching(/^sub_/) });
    expect(first.result).not.toHaveProperty("deliveryStatus");
    // Killed between the store and the next request: another node, or the next process, finds it.
    await killFirst();
    if (isFleet) await nodes.start();
    const again = await subscribe(nodes.urls.at(-1) ?? "", key, callback);
    expect(again.result).toMatchObject({ id: first.result.id, deliveryStatus: { active: true } });
    expect((await listed()).map(({ mcp }) => mcp.subscription_id)).toEqual([first.result.id]);

    // Killed during deliveries.
    const collections = Array.from({ length: 20 }, (_, index) => ({ name: `Collection ${index}` }));
    for (const collection of collections) await call(nodes.api.url, nodes.adminKey, "/collections", collection);
    await killFirst();
    const arrived = () => new Set(callback.events.map(({ eventId }) => eventId)).size;
    await expect.poll(arrived, { timeout: 60_000, interval: 200 }).toBe(collections.length);
    expect(nodes.deaths).toEqual([]);
  });

  test("polls return each event once, on every node and across kill -9", { timeout: 180_000 }, async () => {
    using folder = temporaryFolder();
    const isFleet = kind === "PostgreSQL";
    await using nodes = new Nodes(isFleet ? await databases.fresh() : `sqlite:${folder.path}/weft.db`);
    await nodes.startMany(isFleet ? 2 : 1);
    const made = await call(nodes.api.url, nodes.adminKey, "/api-keys", { name: "agent", scopes: ["subscribe"] });
    const { key } = made as { key: string };
    let { cursor } = await poll(nodes.api.url, key, null);
    const names: string[] = [];
    const polled: string[] = [];
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < 10; index++) {
        const name = `Collection ${round}-${index}`;
        // The node is killed while it creates the last one, which therefore may exist or not.
        const creation = call(nodes.urls.at(index % nodes.count) ?? "", nodes.adminKey, "/collections", { name });
        if (index === 9) await Promise.all([nodes.kill((9 % nodes.count) as number), creation.catch(() => {})]);
        else await creation;
        if (index < 9) names.push(name);
      }
      await nodes.start();
      for (let hasMore = true; hasMore; ) {
        const result = await poll(nodes.urls.at(polled.length % nodes.count) ?? "", key, cursor);
        expect(result.truncated).toBe(false);
        polled.push(...result.events.map(({ data }) => data.collection_name));
        ({ cursor, hasMore } = result);
      }
    }
    expect(new Set(polled).size).toBe(polled.length);
    expect(polled).toEqual(expect.arrayContaining(names));
    expect(nodes.deaths).toEqual([]);
  });
});
