import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

/** The fate of the bytes between two programs. */
export type Weather =
  | "clear"
  /** Existing and new connections are reset. */
  | "reset"
  /** Connections stay open and new ones are accepted, and no bytes pass any more. */
  | "black hole"
  /** The client's bytes pass; the server's do not. */
  | "half open"
  /** Each piece is delayed. */
  | "slow";

const slowMs = 40;

/** A proxy of a test's own between two programs on this machine, with the faults of real networks. */
export class FaultyProxy implements AsyncDisposable {
  #weather: Weather = "clear";
  /** How often a fault has blocked or delayed bytes. */
  hits = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: () => number) {
    this.#server = createServer((client) => this.#join(client, connect(target(), "127.0.0.1")));
  }

  /** `target`: the port of the server behind it. */
  static async start(target: () => number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections from a fault that blocks everything stay broken when the fault ends, as real ones do. */
  set weather(weather: Weather) {
    const before = this.#weather;
    this.#weather = weather;
    if (weather === "reset" || before === "black hole" || before === "half open") this.#resetAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#resetAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, server: Socket): void {
    if (this.#weather === "reset") {
      this.hits += 1;
      client.resetAndDestroy();
    }
    for (const [from, to, isResponse] of [
      [client, server, false],
      [server, client, true],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (bytes) => this.#pass(bytes, to, isResponse));
      from.on("error", () => {});
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  #pass(bytes: Buffer, to: Socket, isResponse: boolean): void {
    const isLost = this.#weather === "black hole" || (this.#weather === "half open" && isResponse);
    if (isLost || this.#weather === "slow") this.hits += 1;
    if (isLost) return;
    if (this.#weather !== "slow") to.write(bytes);
    else setTimeout(() => to.write(bytes), slowMs);
  }

  #resetAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }
}
