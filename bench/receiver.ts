// The receiver: a process that answers every webhook with 204 as cheaply as it can, since it shares the cores with what it
// measures. It notes the id and the time of each, and checks the signature of a sample.

import { type AddressInfo, createServer, type Socket } from "node:net";
import { Webhook } from "standardwebhooks";
import { answerParent } from "./child.ts";
import { type HttpMessage, headerAt, headerIn, httpMessage } from "./http-message.ts";
import { machineMs } from "./machine-clock.ts";

const checkedEvery = 1_000;
const idLength = "msg_".length + 22;
const answer = Buffer.from("HTTP/1.1 204 No Content\r\n\r\n");

/** Webhooks in the order of their arrival; an id that stands twice was delivered twice. */
export interface Receipts {
  readonly ids: readonly string[];
  readonly receivedAt: readonly number[];
  readonly signatures: { readonly good: number; readonly bad: number };
}

const ids: string[] = [];
const receivedAt: number[] = [];
const signatures = { good: 0, bad: 0 };
const sockets = new Set<Socket>();
let webhook: Webhook | null = null;

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer | null = null;
  sockets.add(socket);
  socket.on("data", (chunk) => {
    const at = machineMs();
    let bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk]);
    for (let message = httpMessage(bytes); message !== null; message = httpMessage(bytes)) {
      receive(bytes, message, at);
      socket.write(answer);
      bytes = bytes.subarray(message.end);
      if (bytes.length === 0) break;
    }
    rest = bytes.length === 0 ? null : bytes;
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => sockets.delete(socket));
});

function receive(bytes: Buffer, message: HttpMessage, at: number): void {
  const idAt = headerAt(message.head, "svix-id");
  // Read from the bytes: a piece of the head would keep all of the head in memory.
  ids.push(bytes.toString("latin1", idAt, idAt + idLength));
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

const questions = {
  /** Answers the port. Without a secret no signature is checked. */
  listen: ({ secret }: { secret: string | null }) => {
    webhook = secret === null ? null : new Webhook(secret);
    return new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  },
  count: () => ids.length,
  receipts: (): Receipts => ({ ids, receivedAt, signatures }),
};

export type ReceiverQuestions = typeof questions;

answerParent(questions, () => {
  server.close();
  for (const socket of sockets) socket.destroy();
});
