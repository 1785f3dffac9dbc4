// The receiver: a process that responds to every webhook with 204 at minimal cost, because it shares the cores with
// Weft. It records the id, the hook and the time of each, and verifies the signature of a sample. Hooks can be set to
// hang.

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Webhook } from "standardwebhooks";
import { respondToParent } from "./child.ts";
import { type HttpMessage, headerAt, headerIn, httpMessage } from "./http-message.ts";
import { machineMs } from "./machine-clock.ts";

const checkedEvery = 1_000;
const idLength = "msg_".length + 22;
const response = Buffer.from("HTTP/1.1 204 No Content\r\n\r\n");
const hookAt = "POST /hooks/".length;

/** Webhooks in the order of their responses; an id that occurs twice at one hook was delivered twice. */
export interface Receipts {
  readonly ids: readonly string[];
  readonly hooks: readonly number[];
  readonly receivedAt: readonly number[];
  readonly signatures: { readonly good: number; readonly bad: number };
}

const ids: string[] = [];
const hooks: number[] = [];
const receivedAt: number[] = [];
const signatures = { good: 0, bad: 0 };
const servers: Server[] = [];
const sockets = new Set<Socket>();
let hanging: ReadonlySet<number> = new Set();
/** Pending responses of hanging hooks. */
const owed = new Map<Socket, () => void>();
let webhook: Webhook | null = null;

function serve(socket: Socket): void {
  let rest: Buffer | null = null;
  sockets.add(socket);
  socket.on("data", (chunk) => {
    const at = machineMs();
    let bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk]);
    for (let message = httpMessage(bytes); message !== null; message = httpMessage(bytes)) {
      receive(socket, bytes, message, at);
      bytes = bytes.subarray(message.end);
      if (bytes.length === 0) break;
    }
    rest = bytes.length === 0 ? null : bytes;
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    sockets.delete(socket);
    owed.delete(socket);
  });
}

/** The prefix of the id of a challenge, which a callback of an agent returns. */
const challengeId = "webhook-id: msg_verification_";

function receive(socket: Socket, bytes: Buffer, message: HttpMessage, at: number): void {
  // Only the first request of an agent is one.
  if (message.head.includes(challengeId)) {
    const body = bytes.subarray(message.bodyAt, message.end);
    socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`), body]));
    return;
  }
  const hook = Number.parseInt(message.head.slice(hookAt, hookAt + 6), 10);
  if (!hanging.has(hook)) {
    note(bytes, message, hook, at);
    socket.write(response);
    return;
  }
  owed.set(socket, () => {
    note(bytes, message, hook, at);
    socket.write(response);
  });
}

function note(bytes: Buffer, message: HttpMessage, hook: number, at: number): void {
  const idAt = headerAt(message.head, "webhook-id");
  // Copied from the bytes, because a substring of the head would keep all of the head in memory.
  ids.push(bytes.toString("latin1", idAt, idAt + idLength));
  hooks.push(hook);
  receivedAt.push(at);
  if (webhook !== null && ids.length % checkedEvery === 1) check(webhook, bytes, message);
}

function check(webhook: Webhook, bytes: Buffer, { head, bodyAt, end }: HttpMessage): void {
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
  try {
    webhook.verify(bytes.subarray(bodyAt, end), Object.fromEntries(names.map((name) => [name, headerIn(head, name)])));
    signatures.good += 1;
  } catch {
    signatures.bad += 1;
  }
}

function listen(): Promise<number> {
  const server = createServer({ noDelay: true }, serve);
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", 4_096, () => resolve((server.address() as AddressInfo).port));
  });
}

const questions = {
  /** Listens on the requested number of ports. Without a secret no signature is verified. */
  listen: ({ secret, ports }: { secret: string | null; ports: number }) => {
    webhook = secret === null ? null : new Webhook(secret);
    return Promise.all(Array.from({ length: ports }, listen));
  },
  /**
   * From now on only these hooks hang: they accept a webhook and send no response. The others send their pending
   * responses.
   */
  hang: (selected: readonly number[]) => {
    hanging = new Set(selected);
    for (const pay of owed.values()) pay();
    owed.clear();
  },
  count: () => ids.length,
  receipts: (): Receipts => ({ ids, hooks, receivedAt, signatures }),
};

export type ReceiverQuestions = typeof questions;

respondToParent(questions, () => {
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
});
