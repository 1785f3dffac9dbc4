import { parse } from "node:querystring";
import type { Fetch } from "@weft/sdk";
import { ApiError } from "../../domain/errors.ts";
import { owedResponse, problemResponse } from "../../http/error-response.ts";
import { nextLink } from "../../http/pages.ts";
import type { Route, RouteRequest } from "../../http/route.ts";

/** The routes of an API, found by the method and the path of a request. */
export class RouteTable {
  readonly #entries: readonly { readonly route: Route; readonly path: RegExp; readonly names: readonly string[] }[];

  constructor(routes: readonly Route[]) {
    // Fixed paths precede those with parameters.
    const sorted = routes.toSorted((a, b) => parameters(a).length - parameters(b).length);
    this.#entries = sorted.map((route) => ({
      route,
      path: new RegExp(`^${route.path.replaceAll(/:\w+/g, "([^/]+)")}$`),
      names: parameters(route),
    }));
  }

  /** Null when no route has this method and path. */
  find(method: string, path: string): { route: Route; params: Record<string, string> } | null {
    for (const { route, path: pattern, names } of this.#entries) {
      const found = route.method === method ? pattern.exec(path) : null;
      if (found === null) continue;
      const values = found.slice(1).map(decodeURIComponent);
      return { route, params: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""])) };
    }
    return null;
  }
}

function parameters({ path }: Route): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
}

/**
 * A `fetch` for the client of the API that calls routes within a request, with the rights of its caller. Unexpected errors go to
 * `onFailure`, and the client gets the response that the server would send.
 */
export function fetchWithin(
  table: RouteTable,
  call: RouteRequest<unknown, unknown>["call"],
  onFailure: (error: unknown) => void,
  requestId: string,
): Fetch {
  return async (url, { method = "GET", body, headers }) => {
    const { pathname, search } = new URL(url);
    try {
      const found = table.find(method, pathname.replace(/^\/v1/, ""));
      if (found === null) throw new ApiError("not_found", `The route ${method} ${pathname} does not exist.`);
      const bodyText = typeof body === "string" ? body : "";
      const response = await call({
        ...found,
        query: parse(search.slice(1)),
        body: bodyText === "" ? undefined : JSON.parse(bodyText),
        bodyText,
        idempotencyKey: new Headers(headers).get("idempotency-key") ?? undefined,
      });
      const link = response.next === null ? {} : { link: nextLink(url, response.next) };
      return new Response(response.body, {
        status: response.status,
        headers: { "content-type": response.mediaType, ...link },
      });
    } catch (error) {
      const owed = owedResponse(error);
      if (owed.code === "internal" || owed.code === "unavailable") onFailure(error);
      const problem = problemResponse(owed, requestId);
      return Response.json(problem.body, { status: problem.status, headers: { "content-type": problem.mediaType } });
    }
  };
}
