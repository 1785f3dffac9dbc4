import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type ReceivedEvent, verify, WebhookVerificationError } from "@weft/receiver";

/** One received request, and whether its signature verified. */
export interface Arrival {
  readonly id: string;
  readonly event: ReceivedEvent;
  readonly verified: boolean;
  /** 1 for the first receipt of this message. */
  readonly attempt: number;
  readonly responded: number;
  /** Since the event happened, by the event's own timestamp. */
  readonly afterMs: number;
}

/** A receiver as a user of Weft would write one, which can be set to fail for a while. */
export class DemoReceiver implements AsyncDisposable {
  readonly url: string;
  readonly arrivals: Arrival[] = [];
  /** Known once the subscription has been created. */
  secret = "";
  isFailing = false;
  readonly #server;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  }

  static async start(onArrival: (arrival: Arrival) => void): Promise<DemoReceiver> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const receiver = new DemoReceiver(server);
    server.on("request", async (request: IncomingMessage, response) => {
      const status = request.method === "POST" ? await receiver.#receive(request, onArrival) : 204;
      response.writeHead(status).end();
    });
    return receiver;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #receive(request: IncomingMessage, onArrival: (arrival: Arrival) => void): Promise<number> {
    const arrivedAt = Date.now();
    const body = Buffer.concat(await request.toArray());
    const id = String(request.headers["webhook-id"]);
    const verified = await verify(body, request.headers, this.secret).catch((error: unknown) => {
      if (error instanceof WebhookVerificationError) return null;
      throw error;
    });
    const event = verified ?? (JSON.parse(body.toString()) as ReceivedEvent);
    const responded = verified === null ? 400 : this.isFailing ? 503 : 204;
    const arrival: Arrival = {
      id,
      event,
      verified: verified !== null,
      attempt: this.arrivals.filter((earlier) => earlier.id === id).length + 1,
      responded,
      afterMs: arrivedAt - Date.parse(String(event.timestamp)),
    };
    this.arrivals.push(arrival);
    onArrival(arrival);
    return responded;
  }
}
