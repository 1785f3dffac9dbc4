import { type NodeRequest, readNodeBody } from "./node-http.ts";
import { keptBody, unreadableAdvice } from "./parsed-body.ts";
import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import type { Router } from "./router.ts";

/** The part of a Koa context that the adapter uses. */
export interface KoaContext {
  /** Node's own request. */
  readonly req: NodeRequest & { readonly readableDidRead?: boolean };
  /** Koa's request, where body parsers store the body. */
  readonly request: object;
  status: number;
  body: unknown;
  /** False leaves the connection unchanged. */
  respond?: boolean | undefined;
  set(headers: Record<string, string>): unknown;
}

/**
 * Koa middleware that responds to every request that reaches it. Needs no body parser; works behind those that keep
 * `rawBody`.
 */
export function toKoaMiddleware(
  router: Pick<Router, "receive">,
  options: ReceiverOptions,
): (context: KoaContext) => Promise<void> {
  const receiver = createReceiver(router, options);
  return async (context) => {
    const response = await receive(context);
    if (response === "aborted") {
      context.respond = false;
      return;
    }
    context.status = response.status;
    context.body = response.body === "" ? null : response.body;
    context.set({ ...response.headers });
  };

  async function receive({ req, request }: KoaContext) {
    const kept = keptBody(request);
    if (kept === null && req.readableDidRead === true) return receiver.failUnreadable(unreadableAdvice);
    const body = kept ?? (await readNodeBody(req, receiver.bodyBytesMax));
    return body === "aborted" ? body : receiver.receive({ headers: req.headers, body });
  }
}
