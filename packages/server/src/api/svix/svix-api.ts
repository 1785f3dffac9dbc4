import type { Api } from "../api.ts";
import { type ApplicationParts, applicationRoutes } from "./applications.ts";
import type { SvixAuthentication } from "./authentication.ts";
import { tellSvixError } from "./errors.ts";
import { type EventTypeParts, eventTypeRoutes } from "./event-types.ts";
import { healthRoutes } from "./health.ts";

export interface SvixApiParts extends ApplicationParts, EventTypeParts {
  readonly authentication: SvixAuthentication;
}

/** The API that Svix' SDKs speak, over the same intake, engine and store. */
export function svixApi(parts: SvixApiParts): Api {
  return {
    prefix: "/api/v1",
    routes: [...applicationRoutes(parts), ...eventTypeRoutes(parts), ...healthRoutes(parts.store)],
    authenticate: (headers, needed) => parts.authentication.authenticate(headers, needed),
    tellError: tellSvixError,
    // Whatever a client calls its body, it is JSON.
    jsonMediaTypes: "*",
  };
}
