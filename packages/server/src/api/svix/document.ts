import { z } from "zod";
import { type DocumentedApi, onceMade, openApiDocument } from "../../http/openapi.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";

export const documented: DocumentedApi = {
  title: "Weft for Svix' SDKs",
  description: "The API of Svix's SDKs, with the same applications, endpoints and messages as Weft's own API.",
  prefix: "/api/v1",
  server: "/",
  success: "2XX",
  error: {
    mediaType: "application/json",
    schema: {
      type: "object",
      description: "`code` and one sentence; for a 422 the list of mistakes.",
      required: ["detail"],
      properties: {
        code: { type: "string" },
        detail: {
          anyOf: [
            { type: "string" },
            {
              type: "array",
              items: {
                type: "object",
                required: ["loc", "msg", "type"],
                properties: {
                  loc: { type: "array", items: { anyOf: [{ type: "string" }, { type: "integer" }] } },
                  msg: { type: "string" },
                  type: { type: "string" },
                },
              },
            },
          ],
        },
      },
    },
  },
};

/** The document of these routes. */
export function svixDocument(routes: readonly Route[], version: string) {
  return openApiDocument(documented, routes, version);
}

export function documentRoute(routes: () => readonly Route[], version: string): Route {
  const text = onceMade(() => JSON.stringify(svixDocument(routes(), version)));
  return route({
    method: "GET",
    path: "/openapi.json",
    operation: "v1.openapi.get",
    tag: "Health",
    summary: "Get this API as an OpenAPI 3.1 document",
    scope: null,
    response: z.unknown(),
    handle: async () => new TextResponse(text()),
  });
}
