import { z } from "zod";
import { type Route, route, StatusResponse } from "../../http/route.ts";
import type { Store } from "../../store/store.ts";

const status = z.object({ status: z.enum(["ok", "error"]) });

/** Whether all parts work. Database, queue and cache are one part here, so that they share one status. */
export function healthRoutes(store: Pick<Store, "readFirstOrganization" | "checkReady">): Route[] {
  const common = { method: "GET", tag: "Health", scope: null } as const;
  return [
    route({
      ...common,
      path: "/health",
      operation: "v1.health.get",
      summary: "Check whether the database can be read and written",
      response: z.object({ database: status, queue: status, cache: status }),
      handle: async () => {
        const isWell = await Promise.all([store.readFirstOrganization({}), store.checkReady()]).then(
          () => true,
          () => false,
        );
        const part = { status: isWell ? ("ok" as const) : ("error" as const) };
        return new StatusResponse(isWell ? 200 : 500, { database: part, queue: part, cache: part });
      },
    }),
    route({
      ...common,
      path: "/health/ping",
      operation: "v1.health.ping",
      summary: "Check whether the process is running",
      response: z.null(),
      handle: async () => new StatusResponse(204),
    }),
  ];
}
