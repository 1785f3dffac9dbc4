import type { ReceiverOptions } from "./receive-request.ts";
import type { Router } from "./router.ts";
import { toWebHandler } from "./web.ts";

/** The part of a Hono context that the adapter uses. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
}

/** A Hono handler. It must come before middleware that reads the body. */
export function toHonoHandler(
  router: Pick<Router, "receive">,
  options: ReceiverOptions,
): (context: HonoContext) => Promise<Response> {
  const handle = toWebHandler(router, options);
  return (context) => handle(context.req.raw);
}
