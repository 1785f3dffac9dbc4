import { type NodeRequest, type NodeResponse, readNodeBody, writeNodeResponse } from "./node-http.ts";
import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import type { Router } from "./router.ts";

/** A request listener for `http.createServer`. It responds to every request, with any method and path. */
export function toNodeHandler(
  router: Pick<Router, "receive">,
  options: ReceiverOptions,
): (request: NodeRequest, response: NodeResponse) => Promise<void> {
  const receiver = createReceiver(router, options);
  return async (request, response) => {
    const body = await readNodeBody(request, receiver.bodyBytesMax);
    if (body === "aborted") return;
    writeNodeResponse(response, await receiver.receive({ headers: request.headers, body }));
  };
}
