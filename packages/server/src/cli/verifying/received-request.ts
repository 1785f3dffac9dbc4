/** A request: its headers in order, and its body byte for byte. */
export interface ReceivedRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** A saved request cannot be read. The message is a sentence. */
export class UnreadableRequestError extends Error {
  override readonly name = "UnreadableRequestError";
}

/**
 * Reads an HTTP/1.1 request that a tool saved: an optional request line, headers, an empty line and the decoded body. Lines end with
 * CRLF or LF. Bytes after the Content-Length are ignored. Throws `UnreadableRequestError`.
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
  throw new UnreadableRequestError(
    `"${line.slice(0, 80)}" is not a header. Expected a line such as webhook-id: msg_1.`,
  );
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
  // Node's own server reads headers as Latin-1 too.
  if (first !== undefined) return { head: saved.toString("latin1", 0, first.at), rest: saved.subarray(first.after) };
  return { head: saved.toString("latin1").replace(/\r?\n$/, ""), rest: Buffer.alloc(0) };
}

function bodyOf(headers: ReceivedRequest["headers"], rest: Buffer): Buffer {
  const length = headerOf({ headers }, "content-length") ?? "";
  return /^\d+$/.test(length) ? rest.subarray(0, Number(length)) : rest;
}
