/** A request as it came: its headers in order, its body byte for byte. */
export interface ReceivedRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Why a text is no saved HTTP request, in a sentence. */
export class UnreadableRequestError extends Error {
  override readonly name = "UnreadableRequestError";
}

/**
 * Reads an HTTP/1.1 request as a tool saved it: a request line or none, headers, an empty line, the body. Lines end with CRLF or LF. A
 * chunked body is put together; of a body longer than its Content-Length, the rest is left out, as a server would.
 * Throws `UnreadableRequestError`.
 */
export function readSavedRequest(saved: Buffer): ReceivedRequest {
  const { head, rest } = splitHead(saved);
  const lines = head.split(/\r?\n/);
  const first = lines[0] ?? "";
  const headers = (isRequestLine(first) ? lines.slice(1) : lines).map(readHeaderLine);
  return { headers, body: bodyOf(headers, rest) };
}

/** Reads `name: value`. Throws `UnreadableRequestError`. */
export function readHeaderLine(line: string): readonly [string, string] {
  const match = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line);
  if (match?.[1] !== undefined && match[2] !== undefined) return [match[1], match[2]];
  throw new UnreadableRequestError(`"${line.slice(0, 80)}" is no header. One looks like webhook-id: msg_1.`);
}

export function headerOf({ headers }: Pick<ReceivedRequest, "headers">, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

function isRequestLine(line: string): boolean {
  return /^[A-Z]+ \S+( HTTP\/\d(\.\d)?)?$/.test(line);
}

function splitHead(saved: Buffer): { head: string; rest: Buffer } {
  const ends = ["\r\n\r\n", "\n\n"].flatMap((end) => {
    const at = saved.indexOf(end);
    return at === -1 ? [] : [{ at, after: at + end.length }];
  });
  const [first] = ends.toSorted((left, right) => left.at - right.at);
  // Headers are bytes, and Node's own server reads them as Latin-1 too.
  if (first !== undefined) return { head: saved.toString("latin1", 0, first.at), rest: saved.subarray(first.after) };
  return { head: saved.toString("latin1").replace(/\r?\n$/, ""), rest: Buffer.alloc(0) };
}

function bodyOf(headers: ReceivedRequest["headers"], rest: Buffer): Buffer {
  if (/\bchunked\b/i.test(headerOf({ headers }, "transfer-encoding") ?? "")) return joinedChunks(rest);
  const length = headerOf({ headers }, "content-length") ?? "";
  return /^\d+$/.test(length) ? rest.subarray(0, Number(length)) : rest;
}

function joinedChunks(rest: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf("\r\n", at);
    const size = /^[\dA-Fa-f]{1,8}(?=;|$)/.exec(rest.toString("latin1", at, Math.max(at, lineEnd)))?.[0];
    // Many tools save a body that they have put together already.
    if (size === undefined) return at === 0 ? rest : cutChunks(at);
    const start = lineEnd + 2;
    const end = start + Number.parseInt(size, 16);
    if (start === end) return Buffer.concat(chunks);
    if (end > rest.length) return cutChunks(at);
    chunks.push(rest.subarray(start, end));
    at = end + 2;
  }
}

function cutChunks(at: number): never {
  throw new UnreadableRequestError(
    `The chunked body is broken at its byte ${at}: was the file cut, or its CRLFs made LFs?`,
  );
}
