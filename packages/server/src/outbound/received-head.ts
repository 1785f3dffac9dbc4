import type { Socket } from "node:net";
import { headerOf, type ResponseHeaders } from "../domain/exchange.ts";

/** The head of a response that the HTTP parser rejected, with the parts that a lenient reader needs. */
export interface LenientResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The bytes of the body that had arrived. */
  readonly body: Buffer;
}

const bytesKeptMax = 32 * 1024;
const heads = new WeakMap<Error, Buffer>();

/**
 * Keeps the first bytes of each response on a connection. undici's parser rejects some responses that curl and browsers accept,
 * such as one with two `Content-Length` headers, and its error does not include their status.
 */
export function keepHeads(socket: Socket): void {
  const read = socket.read.bind(socket);
  let bytesSentBefore = -1;
  let kept: Buffer[] = [];
  let length = 0;

  socket.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (!Buffer.isBuffer(chunk)) return chunk;
    if (socket.bytesWritten !== bytesSentBefore) {
      kept = [];
      length = 0;
    }
    bytesSentBefore = socket.bytesWritten;
    if (length < bytesKeptMax) {
      // A reference: bytes are copied only when the parser rejects them.
      const room = bytesKeptMax - length;
      kept.push(chunk.length <= room ? chunk : chunk.subarray(0, room));
      length += chunk.length;
    }
    return chunk;
  };
  socket.on("error", (error) => {
    // If bytes were sent since, the last response belongs to an earlier request.
    if (length > 0 && socket.bytesWritten === bytesSentBefore) heads.set(error, Buffer.concat(kept));
  });
}

/** The response that caused a parser error; null when its status line or its header section is incomplete. */
export function lenientResponse(error: Error): LenientResponse | null {
  const bytes = heads.get(error);
  return bytes === undefined ? null : readHead(bytes);
}

// A line ends in LF, with or without CR before it. Source: RFC 9112, sections 2.2, 4 and 5.
const statusLine = /^(?:\r?\n)*HTTP\/1\.[01] +(\d{3})(?: [^\r\n]*)?\r?$/;

/** Finds the final response after interim ones. */
export function readHead(bytes: Buffer): LenientResponse | null {
  const text = bytes.toString("latin1");
  for (let start = 0; ; ) {
    const end = /\r?\n\r?\n/.exec(text.slice(start));
    if (end === null) return null;
    const [first = "", ...lines] = text
      .slice(start, start + end.index)
      .replace(/^[\r\n]+/, "")
      .split("\n");
    const status = Number(statusLine.exec(first)?.[1] ?? 0);
    if (status < 100 || status > 599 || lines.some((line) => !isFieldLine(line))) return null;
    const bodyAt = start + end.index + end[0].length;
    if (status >= 200) {
      const headers = headersOf(lines);
      return { status, headers, body: bodyOf(bytes.subarray(bodyAt), headers) };
    }
    start = bodyAt;
  }
}

/** `name: value`, or the continuation of the previous line. */
function isFieldLine(line: string): boolean {
  return /^[^\s:]+[ \t]*:/.test(line) || /^[ \t]/.test(line);
}

function headersOf(lines: readonly string[]): ResponseHeaders {
  const headers = new Map<string, string[]>();
  let last: string[] = [];
  for (const line of lines) {
    const colonAt = /^[ \t]/.test(line) ? -1 : line.indexOf(":");
    if (colonAt === -1) {
      // A folded field continues the value of the previous line. Source: RFC 9112, section 5.2.
      last.push(`${last.pop() ?? ""} ${line.trim()}`.trim());
      continue;
    }
    const name = line.slice(0, colonAt).trim().toLowerCase();
    last = headers.get(name) ?? [];
    last.push(line.slice(colonAt + 1).trim());
    headers.set(name, last);
  }
  return Object.fromEntries([...headers].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}

function bodyOf(rest: Buffer, headers: ResponseHeaders): Buffer {
  const length = /^\d{1,9}/.exec(headerOf(headers, "content-length") ?? "");
  return length === null ? rest : rest.subarray(0, Number(length[0]));
}
