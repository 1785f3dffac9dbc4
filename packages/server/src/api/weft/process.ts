import { z } from "zod";
import { StoreUnavailableError } from "../../domain/errors.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";
import type { Store } from "../../store/store.ts";

export interface ProcessParts {
  readonly store: Pick<Store, "readFirstOrganization" | "checkReady">;
  readonly version: string;
  /** The metrics in the Prometheus text format. */
  readonly metrics: () => Promise<{ text: string; mediaType: string }>;
  readonly openApi: () => string;
}

const statusResponse = z.object({ status: z.literal("ok") });

/** Routes for machines about the process itself. They require no key, and show no tenant's data. */
export function processRoutes({ store, version, metrics, openApi }: ProcessParts): Route[] {
  const common = { method: "GET", tag: "process", scope: null } as const;
  async function ready() {
    try {
      await Promise.all([store.readFirstOrganization({}), store.checkReady()]);
    } catch (cause) {
      if (cause instanceof StoreUnavailableError) throw cause;
      throw new StoreUnavailableError("The database does not respond.", { cause });
    }
    return { status: "ok" as const };
  }
  return [
    route({
      ...common,
      path: "/",
      operation: "getVersion",
      summary: "Get the name and version of this server",
      response: z.object({ name: z.string(), version: z.string(), openapi: z.string() }),
      handle: async () => ({ name: "Weft", version, openapi: "/openapi.json" }),
    }),
    route({
      ...common,
      path: "/health/live",
      operation: "getLiveness",
      summary: "Check whether the process is running",
      response: statusResponse,
      handle: async () => ({ status: "ok" as const }),
    }),
    ...["/health", "/health/ready"].map((path) =>
      route({
        ...common,
        path,
        operation: path === "/health" ? "getHealth" : "getReadiness",
        summary: "Check whether the process can accept events: the database is readable and has free space",
        response: statusResponse,
        handle: ready,
      }),
    ),
    route({
      ...common,
      path: "/metrics",
      operation: "getMetrics",
      summary: "Get metrics in the Prometheus text format",
      response: z.string(),
      mediaType: "text/plain",
      handle: async () => {
        const { text, mediaType } = await metrics();
        return new TextResponse(text, mediaType);
      },
    }),
    route({
      ...common,
      path: "/openapi.json",
      operation: "getOpenApi",
      summary: "Get this API as an OpenAPI 3.1 document",
      response: z.unknown(),
      handle: async () => new TextResponse(openApi()),
    }),
  ];
}
