import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import pg from "pg";
import { limits } from "../../../domain/limits.ts";
import { SourceError } from "../../source.ts";
import { isWellFormed } from "./message-form.ts";

/** The library's own method, which its types omit: it parses messages from the data that a stream emits. */
interface Listening {
  attachListeners(stream: Pick<EventEmitter, "on" | "once">): void;
}

const headerBytes = 5;

/** The largest message of each kind that reading requires. Any other kind closes the connection. */
const bytesMaxByKind: Readonly<Record<string, number>> = {
  "1": 64, // ParseComplete
  "2": 64, // BindComplete
  "3": 64, // CloseComplete
  C: 1_024, // CommandComplete
  D: limits.postgresRowBytesMax, // DataRow
  E: 64 * 1024, // ErrorResponse
  I: 64, // EmptyQueryResponse
  K: 1_024, // BackendKeyData
  N: 64 * 1024, // NoticeResponse
  R: 4_096, // Authentication
  S: 4_096, // ParameterStatus
  T: 256 * 1024, // RowDescription
  Z: 64, // ReadyForQuery
  n: 64, // NoData
};

/**
 * A connection to an untrusted database. The library would buffer a message of any declared length and assume that it is well
 * formed. Here each message is checked first: its kind, its length before waiting for it, and its structure. Rows wait on the
 * socket until earlier ones have been processed.
 */
export class BoundedConnection extends pg.Connection {
  readonly #messages = new EventEmitter();
  #socket: Duplex | null = null;
  #waiting: Buffer = Buffer.alloc(0);
  /** The data after `#waiting`. It is joined when it can complete a message, not chunk by chunk. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #neededBytes = headerBytes;
  /** Bytes other than rows since the last query. */
  #otherBytes = 0;
  #rowBytes = 0;
  #rowBytesMax = 0;
  #isTakingRows = false;

  attachListeners(stream: Duplex): void {
    this.#socket = stream;
    (pg.Connection.prototype as unknown as Listening).attachListeners.call(this, this.#messages);
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
    stream.on("end", () => this.#messages.emit("end"));
  }

  /** Called before a query. `rows`: whether they are processed one by one with `rowsTaken`, or collected until the end. */
  begin(rows: "taken" | "kept"): void {
    this.#otherBytes = 0;
    this.#rowBytes = 0;
    this.#isTakingRows = rows === "taken";
    this.#rowBytesMax = this.#isTakingRows ? limits.postgresRowBytesWaiting : limits.postgresKeptBytesMax;
  }

  /** The received rows were processed, so that further ones may arrive. */
  rowsTaken(): void {
    this.#rowBytes = 0;
    if (this.#socket?.isPaused() !== true) return;
    this.#handOn();
    if (this.#rowBytes < this.#rowBytesMax) this.#socket.resume();
  }

  /** Closes it at once. The running query fails with the error. */
  destroy(error?: Error): void {
    (this.#socket ?? this.stream).destroy(error);
    this.stream.destroy();
    this.#forget();
  }

  #forget(): void {
    this.#waiting = Buffer.alloc(0);
    this.#pieces = [];
    this.#pieceBytes = 0;
  }

  #take(chunk: Buffer): void {
    this.#pieces.push(chunk);
    this.#pieceBytes += chunk.length;
    if (this.#waiting.length + this.#pieceBytes < this.#neededBytes) return;
    this.#waiting = Buffer.concat([this.#waiting, ...this.#pieces]);
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#handOn();
  }

  #handOn(): void {
    try {
      let begin = 0;
      this.#neededBytes = 0;
      for (let end = this.#endOfNext(begin); end !== null; end = this.#endOfNext(begin)) {
        if (this.#isTakingRows && this.#rowBytes >= this.#rowBytesMax) {
          this.#socket?.pause();
          break;
        }
        this.#handOnOne(this.#waiting.subarray(begin, end));
        begin = end;
      }
      this.#waiting = this.#waiting.subarray(begin);
    } catch (error) {
      // This also catches errors that the library throws for a message: they reach only the running query.
      this.#forget();
      this.#socket?.destroy(error instanceof SourceError ? error : unreadable());
    }
  }

  /** The end of the next complete message; null when it has not arrived yet. Throws when it never may. */
  #endOfNext(begin: number): number | null {
    if (this.#waiting.length < begin + headerBytes) {
      this.#neededBytes = headerBytes;
      return null;
    }
    const kind = String.fromCharCode(this.#waiting[begin] ?? 0);
    const length = this.#waiting.readUInt32BE(begin + 1);
    const bytesMax = Object.hasOwn(bytesMaxByKind, kind) ? bytesMaxByKind[kind] : undefined;
    if (bytesMax === undefined || length < headerBytes - 1) throw unreadable();
    if (length > bytesMax) throw kind === "D" ? tooLargeRow() : tooMuch();
    this.#neededBytes = 1 + length;
    const end = begin + 1 + length;
    return end <= this.#waiting.length ? end : null;
  }

  #handOnOne(message: Buffer): void {
    const isRow = message[0] === 0x44;
    if (isRow) this.#rowBytes += message.length;
    else this.#otherBytes += message.length;
    if (this.#otherBytes > limits.postgresOtherBytesMax) throw tooMuch();
    if (isRow && !this.#isTakingRows && this.#rowBytes > this.#rowBytesMax) throw tooMuch();
    if (!isWellFormed(message)) throw unreadable();
    this.#messages.emit("data", message);
  }
}

function unreadable(): SourceError {
  return new SourceError("The database sent a message that is not one of PostgreSQL's protocol.");
}

function tooMuch(): SourceError {
  return new SourceError("The database sent more than was requested, so the connection was closed.");
}

function tooLargeRow(): SourceError {
  return new SourceError(
    `The database sent a row of more than ${limits.postgresRowBytesMax} bytes, which is more than was requested.`,
  );
}
