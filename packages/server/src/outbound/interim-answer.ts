import type { Socket } from "node:net";

/**
 * Takes `100 Continue` out of what a connection receives: undici kills the connection on it, though HTTP lets a receiver
 * send it unasked. Other interim answers (103) undici passes on. It looks only between the request and the final answer, so
 * that a body is never touched; an answer is awaited when bytes were sent since the last one (one request at a time).
 */
export function skipContinue(socket: Socket): void {
  const read = socket.read.bind(socket);
  let bytesSentBeforeAnswer = -1;

  socket.read = (size?: number): unknown => {
    for (;;) {
      const chunk: unknown = read(size);
      if (!Buffer.isBuffer(chunk)) return chunk;
      const bytesSent = socket.bytesWritten;
      if (bytesSent === bytesSentBeforeAnswer) return chunk;
      const interimLength = lengthOfInterims(chunk);
      if (interimLength < chunk.length) bytesSentBeforeAnswer = bytesSent;
      if (interimLength === 0) return chunk;
      const rest = withoutContinue(chunk, interimLength);
      if (rest.length > 0) return rest;
    }
  };
}

const headEnd = "\r\n\r\n";

/** Interim answers that the network cut in two are left as they are: no known server sends these few bytes in two writes. */
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
