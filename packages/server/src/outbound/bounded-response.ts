import type { Socket } from "node:net";

/** A receiver sent more bytes for one request than any response may have. */
export class ResponseTooLargeError extends Error {
  override readonly name = "ResponseTooLargeError";
  readonly code = "WEFT_ANSWER_TOO_LARGE";

  constructor() {
    super("The response does not end.");
  }
}

/**
 * Closes a connection that receives more than `bytesMax` for one request. The parser bounds headers, and the reader of a body
 * bounds the body, but an endless status line or chunk extension would be read without a limit. A response belongs to the bytes
 * that were sent last (one request at a time).
 */
export function boundResponses(socket: Socket, bytesMax: number): void {
  const read = socket.read.bind(socket);
  let bytesSentBefore = -1;
  let bytes = 0;

  socket.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (!Buffer.isBuffer(chunk)) return chunk;
    const bytesSent = socket.bytesWritten;
    if (bytesSent !== bytesSentBefore) bytes = 0;
    bytesSentBefore = bytesSent;
    bytes += chunk.length;
    if (bytes <= bytesMax) return chunk;
    socket.destroy(new ResponseTooLargeError());
    return null;
  };
}
