import type { Socket } from "node:net";

/** The head of a response that the HTTP parser refused, as far as a lenient reader needs it. */
export interface LenientResponse {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The bytes of the body that had arrived. */
  readonly body: Buffer;
}

const bytesKeptMax = 32 * 1024;
const heads = new WeakMap<Error, Buffer>();

/**
 * Keeps the first bytes of each response on a connection. undici's parser refuses some responses that curl and browsers take,
 * such as one with `Content-Length` twice, and its error says nothing about their status.
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
      // A reference: bytes are copied only where the parser refuses them.
      kept.push(chunk.subarray(0, bytesKeptMax - length));
      length += chunk.length;
    }
    return chunk;
  };
  socket.on("error", (error) => {
    // With bytes sent since, the last response belongs to an earlier request.
    if (length > 0 && socket.bytesWritten === bytesSentBefore) heads.set(error, Buffer.concat(kept));
  });
}

/** The response behind an error of the parser; null when its status line or its header section is not complete. */
export function lenientResponse(error: Error): LenientResponse | null {
  const bytes = heads.get(error);
  return bytes === undefined ? null : readHead(bytes);
}

// A line ends in LF, with or without CR before it. Source: RFC 9112, sections 2.2, 4 and 5.
const statusLine = /^(?:\r?\n)*HTTP\/1\.[01] +(\d{3})(?: [^\r\n]*)?\r?$/;

/** Reads the final response among interim ones. */
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
    if (status >= 200)
      return { status, retryAfter: fieldOf(lines, "retry-after"), body: bodyOf(bytes.subarray(bodyAt), lines) };
    start = bodyAt;
  }
}

/** `name: value`, or the continuation of the line before. */
function isFieldLine(line: string): boolean {
  return /^[^\s:]+[ \t]*:/.test(line) || /^[ \t]/.test(line);
}

function fieldOf(lines: readonly string[], name: string): string | null {
  const line = lines.find((candidate) => candidate.toLowerCase().startsWith(`${name}:`));
  return line === undefined ? null : line.slice(name.length + 1).trim();
}

function bodyOf(rest: Buffer, lines: readonly string[]): Buffer {
  const length = /^\d{1,9}/.exec(fieldOf(lines, "content-length") ?? "");
  return length === null ? rest : rest.subarray(0, Number(length[0]));
}
