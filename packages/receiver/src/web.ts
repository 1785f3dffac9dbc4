import { joinChunks } from "./join-chunks.ts";
import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import type { ReceiverResponse } from "./response.ts";
import type { Router } from "./router.ts";

const advice =
  "Something has read this request's body already, so the signed bytes are lost. " +
  "Call the webhook handler first, or give it a clone of the request.";

/** A handler for every runtime with `Request` and `Response`: Deno, Bun, Cloudflare Workers, Next.js routes. */
export function toWebHandler(
  router: Pick<Router, "receive">,
  options: ReceiverOptions,
): (request: Request) => Promise<Response> {
  const receiver = createReceiver(router, options);
  return async (request) => {
    if (request.bodyUsed) return toResponse(receiver.failUnreadable(advice));
    const body = await readWebBody(request, receiver.bodyBytesMax);
    return toResponse(await receiver.receive({ headers: request.headers, body }));
  };
}

/** Stops reading after `bytesMax`. Throws when the sender disconnects before the end. */
async function readWebBody(request: Request, bytesMax: number): Promise<Uint8Array | "too_large"> {
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joinChunks(chunks);
    byteCount += value.length;
    if (byteCount > bytesMax) {
      await reader.cancel();
      return "too_large";
    }
    chunks.push(value);
  }
}

function toResponse({ status, headers, body }: ReceiverResponse): Response {
  return new Response(body === "" ? null : body, { status, headers });
}
