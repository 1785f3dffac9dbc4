import { createRouter } from "@weft/receiver";
import { memoryOnce } from "@weft/receiver/once/memory";
import { toWebHandler } from "@weft/receiver/web";

let handled = 0;
const router = createRouter({ once: memoryOnce() }).onAny(() => {
  handled += 1;
});
const receive = toWebHandler(router, { secret: "whsec_dGhlIHNlY3JldCBvZiBldmVyeSBydW50aW1l" });

/** A GET returns the number of messages that were handled. */
function fetch(request: Request): Promise<Response> | Response {
  return request.method === "GET" ? Response.json(handled) : receive(request);
}

// biome-ignore lint/style/noDefaultExport: this is what Deno, Bun and Workers serve.
export default { fetch };
