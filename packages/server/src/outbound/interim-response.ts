import type { Socket } from "node:net";

/**
 * Removes `100 Continue` from the received bytes of a connection: undici closes the connection on it, although HTTP allows a
 * receiver to send it unasked. undici handles other interim responses (103). It checks only the bytes between a request and its
 * final response, so that a body is never changed. A response is expected when bytes were sent since the last one (one request
 * at a time).
 */
export function skipContinue(socket: Socket): void {
  const read = socket.read.bind(socket);
  let bytesSentBeforeResponse = -1;

  socket.read = (size?: number): unknown => {
    for (;;) {
      const chunk: unknown = read(size);
      if (!Buffer.isBuffer(chunk)) return chunk;
      const bytesSent = socket.bytesWritten;
      if (bytesSent === bytesSentBeforeResponse) return chunk;
      const interimLength = lengthOfInterims(chunk);
      if (interimLength < chunk.length) bytesSentBeforeResponse = bytesSent;
      if (interimLength === 0) return chunk;
      const rest = withoutContinue(chunk, interimLength);
      if (rest.length > 0) return rest;
    }
  };
}

const headEnd = "\r\n\r\n";

/** Interim responses that the network split are not removed: no known server sends these few bytes in two writes. */
function lengthOfInterims(chunk: Buffer): number {
  let length = 0;
  // The status is at byte 9, after "HTTP/1.1 ".
  while (chunk[length + 9] === 0x31 && chunk.toString("latin1", length, length + 5) === "HTTP/") {
    const end = chunk.indexOf(headEnd, length);
    if (end === -1) break;
    length = end + headEnd.length;
  }
  return length;
}

function withoutContinue(chunk: Buffer, interimLength: number): Buffer {
  const heads = chunk.toString("latin1", 0, interimLength).split(headEnd).slice(0, -1);
  const kept = heads.filter((head) => head.slice(9, 12) !== "100").map((head) => head + headEnd);
  return Buffer.concat([Buffer.from(kept.join(""), "latin1"), chunk.subarray(interimLength)]);
}
