// Behaviours of receivers, and the outcome of each wherever Weft sends from. A complete status line and header section
// decide the outcome. Source: RFC 9112, sections 2.2, 4, 5, 6 and 7.

import type { Socket } from "node:net";
import type { UnreachableReason } from "../../packages/server/src/domain/attempt.ts";

/** `note` is the beginning of the attempt's `error`. */
export type Expected =
  | {
      readonly status: number;
      readonly body?: string | RegExp;
      readonly note: "closed" | "too_large" | "redirect" | null;
    }
  | { readonly reason: UnreachableReason };

export interface Behaviour {
  readonly name: string;
  /** Runs when a complete request has arrived. `origin` is the receiver's own. */
  readonly act: (socket: Socket, origin: string) => void;
  readonly expected: Expected;
}

const ok = { status: 200, body: "ok", note: null } as const;
const head = "HTTP/1.1 200 OK\r\n";
const complete = `${head}Content-Length: 2\r\n\r\nok`;

/** Writes these bytes and keeps the connection open. */
function writes(response: string): Behaviour["act"] {
  return (socket) => void socket.write(response, "latin1");
}

/** Writes these bytes and closes the connection. */
function closes(response: string): Behaviour["act"] {
  return (socket) => void socket.end(response, "latin1");
}

/** Writes these bytes, then others endlessly, as fast as they are read. */
function floods(begin: string, more: string): Behaviour["act"] {
  return (socket) => {
    const go = () => {
      while (!socket.destroyed && socket.write(more, "latin1"));
    };
    socket.on("drain", go);
    socket.write(begin, "latin1");
    go();
  };
}

/** Writes these bytes, then others endlessly, a few at a time, so that no single wait is long. */
function drips(begin: string, more: string): Behaviour["act"] {
  return (socket) => {
    socket.write(begin, "latin1");
    const timer = setInterval(() => socket.write(more, "latin1"), 50);
    socket.once("close", () => clearInterval(timer));
  };
}

function redirects(status: number): Behaviour {
  return {
    name: `redirects with ${status}`,
    act: (socket, origin) =>
      void socket.write(`HTTP/1.1 ${status} Elsewhere\r\nLocation: ${origin}/elsewhere\r\nContent-Length: 0\r\n\r\n`),
    expected: { status, note: "redirect" },
  };
}

function returns(status: number): Behaviour {
  return {
    name: `returns ${status}`,
    act: writes(`HTTP/1.1 ${status} Status\r\nContent-Length: 2\r\n\r\nno`),
    expected: { status, body: "no", note: null },
  };
}

const wholeResponses: Behaviour[] = [
  { name: "returns a complete response", act: writes(complete), expected: ok },
  {
    name: "returns 204",
    act: writes("HTTP/1.1 204 No Content\r\n\r\n"),
    expected: { status: 204, body: "", note: null },
  },
  {
    name: "returns 204 with a Content-Length",
    act: writes("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n"),
    expected: { status: 204, body: "", note: null },
  },
  {
    name: "returns 204 with a body",
    act: closes("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"),
    expected: { status: 204, body: "", note: null },
  },
  {
    name: "announces that it closes the connection",
    act: closes(`${head}Connection: close\r\nContent-Length: 2\r\n\r\nok`),
    expected: ok,
  },
  { name: "ends the body by closing the connection", act: closes(`${head}\r\nok`), expected: ok },
  { name: "speaks HTTP/1.0 without a length", act: closes("HTTP/1.0 200 OK\r\n\r\nok"), expected: ok },
  {
    name: "sends chunks with extensions and trailers",
    act: writes(`${head}Transfer-Encoding: chunked\r\n\r\n1;a=b\r\no\r\n1\r\nk\r\n0\r\nX-Sum: 1\r\n\r\n`),
    expected: ok,
  },
  {
    name: "sends interim responses first",
    act: writes(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${complete}`,
    ),
    expected: ok,
  },
  { name: "sends a second, unrequested response", act: writes(complete + complete), expected: ok },
  {
    name: "sends a header named as a member of every object",
    act: writes(`${head}__proto__: a\r\nconstructor: b\r\nConstructor: c\r\nContent-Length: 2\r\n\r\nok`),
    expected: ok,
  },
  {
    name: "sends a body that is not UTF-8 and has NUL",
    act: writes(`${head}Content-Length: 3\r\n\r\na\0\xff`),
    expected: { status: 200, body: "a\uFFFD\uFFFD", note: null },
  },
  {
    name: "sends a body longer than what is kept",
    act: writes(`${head}Content-Length: 20000\r\n\r\n${"x".repeat(20_000)}`),
    expected: { status: 200, body: "x".repeat(16 * 1024), note: "too_large" },
  },
  {
    name: "sends a body without end",
    act: floods(`${head}\r\n`, "x".repeat(16 * 1024)),
    expected: { status: 200, body: "x".repeat(16 * 1024), note: "too_large" },
  },
];

const refusals: Behaviour[] = [
  ...[301, 302, 303, 307, 308].map(redirects),
  {
    name: "returns 304",
    act: writes("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
    expected: { status: 304, note: "redirect" },
  },
  ...[400, 404, 429, 500, 503, 600, 999].map(returns),
  {
    name: "asks for a rest",
    act: writes("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
    expected: { status: 503, body: "", note: null },
  },
];

const cutBodies: Behaviour[] = [
  {
    name: "closes before the length that it announced",
    act: closes(`${head}Content-Length: 10\r\n\r\nok`),
    expected: { status: 200, body: "ok", note: "closed" },
  },
  {
    name: "closes between two chunks",
    act: closes(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n`),
    expected: { status: 200, body: "ok", note: "closed" },
  },
  {
    name: "closes within a chunk",
    act: closes(`${head}Transfer-Encoding: chunked\r\n\r\n9\r\nok`),
    expected: { status: 200, body: "ok", note: "closed" },
  },
  {
    name: "refuses and closes before the length that it announced",
    act: closes("HTTP/1.1 500 Error\r\nContent-Length: 10\r\n\r\nno"),
    expected: { status: 500, body: "no", note: "closed" },
  },
];

/** curl and browsers accept these, so Weft does. */
const looseHeads: Behaviour[] = [
  {
    name: "sends Content-Length twice",
    act: closes(`${head}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok`),
    expected: ok,
  },
  { name: "sends Content-Length as a list", act: closes(`${head}Content-Length: 2, 2\r\n\r\nok`), expected: ok },
  {
    name: "sends two Content-Lengths that differ",
    act: closes(`${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\nok`),
    expected: ok,
  },
  {
    name: "sends Content-Length beside Transfer-Encoding",
    act: closes("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
    expected: { status: 202, note: null },
  },
  {
    name: "ends lines in LF alone",
    act: closes("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
    expected: ok,
  },
  {
    name: "ends its last lines in LF alone",
    act: closes("HTTP/1.1 204 No Content\r\nServer: x\n\n"),
    expected: { status: 204, note: null },
  },
  { name: "leaves out the reason phrase", act: closes("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"), expected: ok },
  {
    name: "leaves out the reason phrase behind a space",
    act: closes("HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok"),
    expected: ok,
  },
  {
    name: "sends a reason phrase that is not ASCII",
    act: closes("HTTP/1.1 503 \xdcberlastet\r\nContent-Length: 2\r\n\r\nno"),
    expected: { status: 503, body: "no", note: null },
  },
  {
    name: "sends a space before a colon",
    act: closes(`${head}Server : x\r\nContent-Length: 2\r\n\r\nok`),
    expected: ok,
  },
  { name: "folds a header", act: closes(`${head}X-Long: a\r\n b\r\nContent-Length: 2\r\n\r\nok`), expected: ok },
  { name: "sends an empty line first", act: closes(`\r\n${complete}`), expected: ok },
  {
    name: "sends a chunk that is not one",
    act: closes(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`),
    expected: { status: 200, body: "", note: "closed" },
  },
  {
    name: "sends a control character in a header",
    act: closes("HTTP/1.1 418 Teapot\r\nX: a\u0001b\r\nContent-Length: 2\r\n\r\nno"),
    expected: { status: 418, body: "no", note: null },
  },
];

const noResponses: Behaviour[] = [
  { name: "closes without a response", act: (socket) => void socket.end(), expected: { reason: "closed" } },
  { name: "resets the connection", act: (socket) => void socket.resetAndDestroy(), expected: { reason: "closed" } },
  {
    name: "closes within its headers",
    act: closes(`${head}Content-Length: 2\r\nContent-Len`),
    expected: { reason: "closed" },
  },
  { name: "closes within its status line", act: closes("HTTP/1.1 2"), expected: { reason: "closed" } },
  { name: "does not speak HTTP", act: closes("SSH-2.0-OpenSSH_9.6\r\n"), expected: { reason: "protocol" } },
  { name: "speaks HTTP/2", act: closes("HTTP/2 200\r\n\r\n"), expected: { reason: "protocol" } },
  { name: "sends a status below 100", act: closes("HTTP/1.1 099 OK\r\n\r\n"), expected: { reason: "protocol" } },
  { name: "sends a status of four digits", act: closes("HTTP/1.1 2000 OK\r\n\r\n"), expected: { reason: "protocol" } },
  {
    name: "sends a status that is no number",
    act: closes("HTTP/1.1 20x OK\r\n\r\n"),
    expected: { reason: "protocol" },
  },
  {
    name: "switches protocols",
    act: writes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nx"),
    expected: { reason: "protocol" },
  },
  {
    name: "sends headers without end",
    act: floods(head, "x: y\r\n".repeat(1_000)),
    expected: { reason: "too_large" },
  },
  {
    name: "sends a status line without end",
    act: floods("HTTP/1.1 200 ", "O".repeat(16 * 1024)),
    expected: { reason: "too_large" },
  },
  {
    name: "sends interim responses without end",
    act: floods("", "HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n".repeat(100)),
    expected: { reason: "too_large" },
  },
  { name: "says nothing", act: () => {}, expected: { reason: "timeout" } },
  { name: "sends headers slowly and without end", act: drips(head, "x: y\r\n"), expected: { reason: "timeout" } },
  {
    name: "sends a body slowly and without end",
    act: drips(`${head}\r\n`, "x"),
    expected: { reason: "timeout" },
  },
];

export const behaviours: readonly Behaviour[] = [
  ...wholeResponses,
  ...refusals,
  ...cutBodies,
  ...looseHeads,
  ...noResponses,
];
