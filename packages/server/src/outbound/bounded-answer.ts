import type { Socket } from "node:net";

/** A receiver sent more in answer to one request than any answer has. */
export class AnswerTooLargeError extends Error {
  override readonly name = "AnswerTooLargeError";
  readonly code = "WEFT_ANSWER_TOO_LARGE";

  constructor() {
    super("The answer does not come to an end.");
  }
}

/**
 * Ends a connection on which more comes for one request than `bytesMax`. The parser bounds headers, and whoever reads a body
 * bounds that. A status line without an end, or a chunk's extension, would be read for as long as it comes. An answer
 * belongs to the bytes that were sent last (one request at a time).
 */
export function boundAnswers(socket: Socket, bytesMax: number): void {
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
    socket.destroy(new AnswerTooLargeError());
    return null;
  };
}
