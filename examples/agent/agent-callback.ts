import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  experimental_createMCPEventWebhook as createMCPEventWebhook,
  type Experimental_MCPEventStore as EventStore,
  type Experimental_MCPEventSubscription as EventSubscription,
} from "@ai-sdk/mcp";

export interface WakingEvent {
  readonly eventId: string;
  readonly name: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The callback of an agent. The AI SDK verifies each request; a real agent keeps `store` in a database. */
export class AgentCallback implements AsyncDisposable {
  readonly #records = new Map<string, EventSubscription>();
  readonly #server: Server;
  readonly #event: Promise<WakingEvent>;

  static async start(): Promise<AgentCallback> {
    const callback = new AgentCallback();
    await new Promise<void>((resolve) => callback.#server.listen(0, "127.0.0.1", resolve));
    return callback;
  }

  private constructor() {
    const { promise, resolve } = Promise.withResolvers<WakingEvent>();
    this.#event = promise;
    const handle = createMCPEventWebhook({
      store: this.store,
      onEvent: async ({ event }) => resolve(event as WakingEvent),
    });
    this.#server = createServer((request, response) => void respond(handle, request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/agent`;
  }

  get store(): EventStore {
    const records = this.#records;
    return {
      get: async (key) => records.get(key),
      getById: async (id) => [...records.values()].find((record) => record.id === id),
      set: async (record) => void records.set(record.key, record),
      update: async (key, patch) => {
        const record = records.get(key);
        if (record !== undefined) records.set(key, { ...record, ...patch });
      },
      delete: async (key) => void records.delete(key),
    };
  }

  /** The event that wakes the agent. Throws when none arrives in time. */
  async woken(withinMs: number): Promise<WakingEvent> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error("No event arrived in time.")), withinMs);
    try {
      return await Promise.race([this.#event, promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function respond(
  handle: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const url = `http://127.0.0.1${incoming.url}`;
  const response = await handle(new Request(url, { method: "POST", headers, body: Buffer.concat(chunks) }));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
}
