import { joinChunks } from "./join-chunks.ts";
import type { ReceiverResponse } from "./response.ts";

/** The part of Node's `IncomingMessage` that the adapters use. */
export interface NodeRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly destroyed?: boolean;
  on(event: string, listener: (chunk: Uint8Array) => void): unknown;
}

/** The part of Node's `ServerResponse` that the adapters use. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/**
 * Reads the whole body of a request, or returns why it cannot. Bytes after `bytesMax` are dropped as they arrive; if
 * reading stopped, the sender would not see the response.
 */
export function readNodeBody(request: NodeRequest, bytesMax: number): Promise<Uint8Array | "too_large" | "aborted"> {
  return new Promise((resolve) => {
    let chunks: Uint8Array[] = [];
    let byteCount = 0;
    request.on("data", (chunk) => {
      byteCount += chunk.length;
      if (byteCount <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      resolve("too_large");
    });
    request.on("end", () => resolve(joinChunks(chunks)));
    request.on("error", () => resolve("aborted"));
    request.on("close", () => resolve("aborted"));
    // A request that is already destroyed emits no further events.
    if (request.destroyed === true) resolve("aborted");
  });
}

export function writeNodeResponse(response: NodeResponse, reply: ReceiverResponse): void {
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  response.end(reply.body);
}
