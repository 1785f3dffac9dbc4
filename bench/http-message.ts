const headEnd = "\r\n\r\n";
const lengthHeader = "content-length: ";

export interface HttpMessage {
  /** As latin1: a character is a byte, so positions in the text are positions in the bytes. */
  readonly head: string;
  /** Where the body begins, and where the message ends. */
  readonly bodyAt: number;
  readonly end: number;
}

/** The first HTTP/1.1 message in these bytes, with lower-case header names and a known length; null until it is complete. */
export function httpMessage(bytes: Buffer): HttpMessage | null {
  const headLength = bytes.indexOf(headEnd);
  if (headLength === -1) return null;
  const head = bytes.toString("latin1", 0, headLength);
  const lengthAt = head.indexOf(lengthHeader);
  const bodyLength = lengthAt === -1 ? 0 : Number.parseInt(head.slice(lengthAt + lengthHeader.length), 10);
  const bodyAt = headLength + headEnd.length;
  return bytes.length < bodyAt + bodyLength ? null : { head, bodyAt, end: bodyAt + bodyLength };
}

/** Where the value of a header begins; -1 without it. */
export function headerAt(head: string, name: string): number {
  const at = head.indexOf(`\r\n${name}: `);
  return at === -1 ? -1 : at + name.length + 4;
}

export function headerIn(head: string, name: string): string {
  const at = headerAt(head, name);
  if (at === -1) return "";
  const end = head.indexOf("\r\n", at);
  return head.slice(at, end === -1 ? undefined : end);
}
