import type { ReceiverOptions } from "./receive-request.ts";
import type { Router } from "./router.ts";
import { toWebHandler } from "./web.ts";

/** What the adapter uses of a Hono context. */
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
