import type { ReceiverOptions } from "./receive-request.ts";
import type { Router } from "./router.ts";
import { toWebHandler } from "./web.ts";

/** A route handler of Next.js: `export const POST = toNextHandler(router, options)` in `app/…/route.ts`. */
export function toNextHandler(
  router: Pick<Router, "receive">,
  options: ReceiverOptions,
): (request: Request) => Promise<Response> {
  return toWebHandler(router, options);
}
