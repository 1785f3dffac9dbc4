import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Behaviour } from "./behaviours.ts";

/** A receiver on a free port that behaves in one way, and counts its requests. */
export class BehavingReceiver implements AsyncDisposable {
  readonly behaviour: Behaviour;
  /** The first line of each request. */
  readonly requests: string[] = [];
  readonly #server: Server = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();

  private constructor(behaviour: Behaviour) {
    this.behaviour = behaviour;
  }

  static async start(behaviour: Behaviour): Promise<BehavingReceiver> {
    const receiver = new BehavingReceiver(behaviour);
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
    let received = "";
    socket.on("data", (bytes) => {
      // A request on a connection that this receiver has closed does not reach it.
      if (socket.writableEnded) return;
      received += bytes.toString("latin1");
      for (let end = endOfRequest(received); end !== null; end = endOfRequest(received)) {
        this.requests.push(received.slice(0, received.indexOf("\r\n")));
        received = received.slice(end);
        this.behaviour.act(socket, this.origin);
      }
    });
  }
}

/** Null when the request is not complete. */
function endOfRequest(text: string): number | null {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return null;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, headEnd))?.[1] ?? "0";
  const end = headEnd + 4 + Number(length);
  return text.length >= end ? end : null;
}
