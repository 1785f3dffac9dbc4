import { type NodeRequest, type NodeResponse, readNodeBody, writeNodeResponse } from "./node-http.ts";
import { keptBody, type ParsedBody, unreadableAdvice } from "./parsed-body.ts";
import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import type { Router } from "./router.ts";

/** The part of an Express request that the adapter uses. */
export interface ExpressRequest extends NodeRequest, ParsedBody {
  /** Whether anything has read the stream. */
  readonly readableDidRead?: boolean;
}

/** A route handler for Express 4 and 5. Needs no body parser; works behind `express.raw()` and `express.text()`. */
export function toExpressHandler(
  router: Pick<Router, "receive">,
  options: ReceiverOptions,
): (request: ExpressRequest, response: NodeResponse) => Promise<void> {
  const receiver = createReceiver(router, options);
  return async (request, response) => {
    const kept = keptBody(request);
    if (kept === null && request.readableDidRead === true) {
      writeNodeResponse(response, receiver.failUnreadable(unreadableAdvice));
      return;
    }
    const body = kept ?? (await readNodeBody(request, receiver.bodyBytesMax));
    if (body === "aborted") return;
    writeNodeResponse(response, await receiver.receive({ headers: request.headers, body }));
  };
}
