import { connect, type Socket } from "node:net";
import type { OrganizationId } from "../../packages/server/src/domain/id.ts";

/** A hostile tenant of a Weft. All of its traffic stays on this machine's loopback and ends with the signal. */
export class Attacker implements Disposable {
  readonly url: string;
  readonly organizationId: OrganizationId;
  readonly signal: AbortSignal;
  /** The folder of the files that a source may read. */
  readonly filesFolder: string;
  readonly #adminKey: string;
  readonly #sockets = new Set<Socket>();

  constructor(parts: {
    url: string;
    adminKey: string;
    organizationId: OrganizationId;
    filesFolder: string;
    signal: AbortSignal;
  }) {
    this.url = parts.url;
    this.organizationId = parts.organizationId;
    this.filesFolder = parts.filesFolder;
    this.signal = parts.signal;
    this.#adminKey = parts.adminKey;
  }

  /** A request to the API as the attacker's organization. The response body is read and returned, with any status. */
  async call(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...this.#headers, "content-type": "application/json" },
      body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
      signal: this.signal,
    });
    return { status: response.status, text: await response.text() };
  }

  /** Sends a request, and throws unless it succeeds. */
  async must(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, text } = await this.call(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path} returned ${status}: ${text.slice(0, 500)}`);
    return text === "" ? null : JSON.parse(text);
  }

  /**
   * Calls `step` until the signal aborts it. A failed step is repeated after a moment, because a refusal is a defence.
   */
  async repeatedly(step: () => Promise<unknown>): Promise<void> {
    while (!this.signal.aborted) {
      await step().catch(() => {});
      await rest(5);
    }
  }

  /** Sends a request and never reads the response. */
  sendUnread(method: string, path: string, body = "", headers: Readonly<Record<string, string>> = this.#headers): void {
    const { hostname, port } = new URL(this.url);
    const socket = connect({ host: hostname, port: Number(port) });
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    socket.pause();
    const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)) });
    const head = [
      `${method} ${path} HTTP/1.1`,
      `host: ${hostname}`,
      ...lines.map(([name, value]) => `${name}: ${value}`),
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  }

  get unread(): number {
    return this.#sockets.size;
  }

  get #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#adminKey}`, "x-organization-id": this.organizationId };
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
