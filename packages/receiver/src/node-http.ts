import type { ReceiverResponse } from "./answer.ts";
import { joinChunks } from "./join-chunks.ts";

/** What the adapters use of Node's `IncomingMessage`. */
export interface NodeRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly destroyed?: boolean;
  on(event: string, listener: (chunk: Uint8Array) => void): unknown;
}

/** What the adapters use of Node's `ServerResponse`. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/**
 * Reads a request's whole body, or tells why not. What comes after `bytesMax` is thrown away as it arrives; to stop
 * reading would keep the sender from seeing the answer.
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
    // A request that was destroyed before says nothing more.
    if (request.destroyed === true) resolve("aborted");
  });
}

export function writeNodeResponse(response: NodeResponse, answer: ReceiverResponse): void {
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.end(answer.body);
}
