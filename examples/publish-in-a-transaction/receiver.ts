import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** Records the first receipt of each collection. */
export class Receiver implements AsyncDisposable {
  /** Unix ms of the first receipt, by the collection's id. */
  readonly receivedAt = new Map<string, number>();
  receipts = 0;
  readonly #server = createServer(async (request, response) => {
    const at = performance.timeOrigin + performance.now();
    const body = await text(request);
    response.writeHead(204).end();
    if (request.method !== "POST") return;
    const { collection_id } = JSON.parse(body) as { collection_id: string };
    this.receipts += 1;
    if (!this.receivedAt.has(collection_id)) this.receivedAt.set(collection_id, at);
  });

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/webhooks`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
