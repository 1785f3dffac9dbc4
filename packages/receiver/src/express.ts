import { type NodeRequest, type NodeResponse, readNodeBody, writeNodeAnswer } from "./node-http.ts";
import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import type { Router } from "./router.ts";

/** What the adapter uses of an Express request. */
export interface ExpressRequest extends NodeRequest {
  /** What a body parser left, if one ran. */
  readonly body?: unknown;
  /** The raw bytes, where a platform such as Cloud Functions or Nest keeps them beside the parsed body. */
  readonly rawBody?: unknown;
  /** Whether anything has read the stream. */
  readonly readableDidRead?: boolean;
}

const advice =
  "A body parser has read this request already, so the signed bytes are lost. Register the webhook route before " +
  'express.json(), or parse this route with express.raw({ type: "*/*" }) only.';

/** A route handler for Express 4 and 5. Needs no body parser; works behind `express.raw()` and `express.text()`. */
export function toExpressHandler(
  router: Pick<Router, "receive">,
  options: ReceiverOptions,
): (request: ExpressRequest, response: NodeResponse) => Promise<void> {
  const receiver = createReceiver(router, options);
  return async (request, response) => {
    const kept = keptBody(request);
    if (kept === null && request.readableDidRead === true) {
      writeNodeAnswer(response, receiver.failUnreadable(advice));
      return;
    }
    const body = kept ?? (await readNodeBody(request, receiver.bodyBytesMax));
    if (body === "aborted") return;
    writeNodeAnswer(response, await receiver.receive({ headers: request.headers, body }));
  };
}

/** The body that a raw or text parser kept; null where the stream has to be read. */
function keptBody({ rawBody, body }: ExpressRequest): Uint8Array | null {
  if (rawBody instanceof Uint8Array) return rawBody;
  if (body instanceof Uint8Array) return body;
  return typeof body === "string" ? new TextEncoder().encode(body) : null;
}
