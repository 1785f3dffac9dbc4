import { describe } from "vitest";
import { toNextHandler } from "./next.ts";
import { adapterPromises } from "./promises/adapter-promises.ts";

/** Next.js passes its route handlers a request of its own class, and a context. */
class NextRequest extends Request {
  readonly cookies = new Map<string, string>();
}

type RouteHandler = (request: NextRequest, context: { params: Promise<object> }) => Promise<Response>;

describe("a route handler of Next.js", () => {
  adapterPromises(async (router, options) => {
    const POST: RouteHandler = toNextHandler(router, options);
    return {
      send: (given) => {
        const request = new NextRequest("http://localhost/api/weft", { method: "POST", duplex: "half", ...given });
        return POST(request, { params: Promise.resolve({}) });
      },
      close: async () => {},
    };
  });
});
