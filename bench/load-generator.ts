// The load generator: a process that posts events at minimal cost, because it shares the cores with Weft. It uses raw
// sockets, pre-rendered requests, and one request at a time on each connection.

import { connect, type Socket } from "node:net";
import { respondToParent } from "./child.ts";
import { httpMessage } from "./http-message.ts";
import { machineMs } from "./machine-clock.ts";

const connectionCount = 256;
const readBytes = 16 * 1024;
const idLength = 36;

export interface Load {
  /** The nodes' URLs; each node has its share of the connections. */
  readonly ports: readonly number[];
  /** Whole HTTP requests, posted in turn. */
  readonly requests: readonly Uint8Array[];
  /**
   * Events a second on a fixed schedule, whether responses arrive or not (open loop). Null: each connection posts the
   * next event after the last response (closed loop).
   */
  readonly perSecond: number | null;
  /** In a closed loop, the number of events after which posting ends; null for no end. */
  readonly eventsMax: number | null;
}

/** The accepted events, in the order of their responses. */
export interface PostedRequest {
  readonly ids: readonly string[];
  /** The index of the request. */
  readonly requestAt: readonly number[];
  /** The scheduled time of the event; in a closed loop, the time when it was posted. */
  readonly dueAt: readonly number[];
  readonly answeredAt: readonly number[];
  /** Responses other than 200, and the first of them. */
  readonly refused: number;
  readonly firstRefusal: string | null;
}

const ids: string[] = [];
const requestAt: number[] = [];
const dueAt: number[] = [];
const answeredAt: number[] = [];
let refused = 0;
let firstRefusal: string | null = null;

let requests: readonly Uint8Array[] = [];
let posted = 0;
let connections: Connection[] = [];
/** Connections without a running request. */
const free: Connection[] = [];
let onFree: (connection: Connection) => void = (connection) => free.push(connection);
let failure: Error | null = null;
let whenQuiet: (() => void) | null = null;

class Connection {
  readonly socket: Socket;
  #dueAt = 0;
  #requestAt = 0;
  #rest: Buffer | null = null;

  constructor(port: number) {
    this.socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      // One buffer for all reads, without a stream.
      onread: {
        buffer: Buffer.allocUnsafe(readBytes),
        callback: (size, bytes) => {
          this.#read((bytes as Buffer).subarray(0, size));
          return true;
        },
      },
    });
    this.socket.on("error", (error) => fail(error));
    this.socket.on("end", () => fail(new Error("The server closed a connection.")));
  }

  post(due: number): void {
    this.#dueAt = due;
    this.#requestAt = posted++ % requests.length;
    const request = requests[this.#requestAt];
    if (request !== undefined) this.socket.write(request);
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    const message = httpMessage(bytes);
    if (message === null) {
      this.#rest = Buffer.from(bytes);
      return;
    }
    this.#rest = null;
    if (message.head.startsWith("HTTP/1.1 200 ")) this.#accepted(bytes, message.bodyAt);
    else this.#refused(bytes);
    onFree(this);
    if (free.length === connections.length) whenQuiet?.();
  }

  #accepted(bytes: Buffer, bodyAt: number): void {
    const idAt = bodyAt + '{"id":"'.length;
    ids.push(bytes.toString("latin1", idAt, idAt + idLength));
    requestAt.push(this.#requestAt);
    dueAt.push(this.#dueAt);
    answeredAt.push(machineMs());
  }

  #refused(bytes: Buffer): void {
    refused += 1;
    firstRefusal ??= bytes.toString();
  }
}

function fail(error: Error): void {
  failure ??= error;
  whenQuiet?.();
}

async function start(load: Load): Promise<void> {
  requests = load.requests;
  const { ports } = load;
  connections = Array.from({ length: connectionCount }, (_, at) => new Connection(ports[at % ports.length] ?? 0));
  await Promise.all(connections.map(({ socket }) => new Promise<void>((resolve) => socket.once("connect", resolve))));
  if (load.perSecond === null) closedLoop(load.eventsMax ?? Number.POSITIVE_INFINITY);
  else openLoop(load.perSecond);
}

function closedLoop(eventsMax: number): void {
  onFree = (connection) => {
    if (posted < eventsMax) connection.post(machineMs());
    else free.push(connection);
  };
  for (const connection of connections) onFree(connection);
}

// An event that is due while every connection waits for its response is late, and its lateness counts: the schedule
// continues.
function openLoop(perSecond: number): void {
  const everyMs = 1_000 / perSecond;
  const startedAt = machineMs();
  let scheduled = 0;

  function postDue(): void {
    const now = machineMs();
    for (;;) {
      const due = startedAt + scheduled * everyMs;
      if (due > now) return;
      const connection = free.pop();
      if (connection === undefined) return;
      scheduled += 1;
      connection.post(due);
    }
  }

  free.push(...connections);
  onFree = (connection) => {
    free.push(connection);
    postDue();
  };
  schedule = setInterval(postDue, 1);
}

let schedule: NodeJS.Timeout | undefined;

/** Stops posting and resolves when every posted event has a response. */
async function stop(): Promise<PostedRequest> {
  clearInterval(schedule);
  onFree = (connection) => free.push(connection);
  if (failure === null && free.length < connections.length) {
    await new Promise<void>((resolve) => {
      whenQuiet = resolve;
    });
  }
  whenQuiet = null;
  if (failure !== null) throw failure;
  return { ids, requestAt, dueAt, answeredAt, refused, firstRefusal };
}

const questions = { start, stop };

export type LoadGeneratorQuestions = typeof questions;

respondToParent(questions, () => {
  clearInterval(schedule);
  for (const { socket } of connections) socket.destroy();
});
