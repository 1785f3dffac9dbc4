import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";

/** Publishers that continue after any failure, and remember every id with a success response. */
export class Load {
  readonly accepted = new Set<string>();
  readonly #urls: () => readonly string[];
  readonly #adminKey: string;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>[];

  /** `urls`: the nodes that are probably running. */
  constructor(publishers: number, adminKey: string, urls: () => readonly string[]) {
    this.#adminKey = adminKey;
    this.#urls = urls;
    this.#running = Array.from({ length: publishers }, () => this.#publish());
  }

  /** Resolves when an event was accepted after this call. */
  async moves(): Promise<void> {
    const before = this.accepted.size;
    await until("something is accepted", () => this.accepted.size > before);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  async #publish(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const urls = this.#urls();
      const url = urls[Math.floor(Math.random() * urls.length)];
      const id = url === undefined ? null : await this.#publishTo(url);
      if (id !== null) this.accepted.add(id);
      // Refused, or disconnected before the response: nothing was promised.
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async #publishTo(url: string): Promise<string | null> {
    try {
      const response = await callApi(url, this.#adminKey, "/events", { event_type: "collection.updated", payload });
      const body = (await response.json()) as { id: string };
      return response.ok ? body.id : null;
    } catch {
      return null;
    }
  }
}

export const payload = {
  event_type: "collection.updated",
  collection_id: "770e8400-e29b-41d4-a716-446655440002",
  collection_name: "Sales Data",
  collection_readable_id: "sales-data-ab123",
  timestamp: "2026-01-15T14:30:00.123Z",
};

/** A request to the API: POST when it has a body. */
export function callApi(url: string, adminKey: string, path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };
  const method = body === undefined ? "GET" : "POST";
  return fetch(`${url}${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
}
