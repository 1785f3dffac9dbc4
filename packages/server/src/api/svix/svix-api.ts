import type { Api } from "../api.ts";
import { type ApplicationParts, applicationRoutes } from "./applications.ts";
import { attemptRoutes } from "./attempts.ts";
import type { SvixAuthentication } from "./authentication.ts";
import { endpointHeaderRoutes } from "./endpoint-headers.ts";
import { ofApplication, ofOperators } from "./endpoint-in-path.ts";
import { endpointSecretRoutes } from "./endpoint-secrets.ts";
import { endpointStatsRoute } from "./endpoint-stats.ts";
import { type EndpointParts, endpointRoutes } from "./endpoints.ts";
import { tellSvixError } from "./errors.ts";
import { type EventTypeParts, eventTypeRoutes } from "./event-types.ts";
import { healthRoutes } from "./health.ts";
import { type MessageParts, messageRoutes } from "./messages.ts";
import { sendExampleRoute } from "./send-example.ts";

export interface SvixApiParts extends ApplicationParts, EventTypeParts, EndpointParts, MessageParts {
  readonly authentication: SvixAuthentication;
}

/** The API that Svix' SDKs speak, over the same intake, engine and store. */
export function svixApi(parts: SvixApiParts): Api {
  return {
    prefix: "/api/v1",
    routes: [
      ...applicationRoutes(parts),
      ...eventTypeRoutes(parts),
      ...endpointRoutes(parts, ofApplication),
      ...endpointSecretRoutes(parts, ofApplication),
      ...endpointHeaderRoutes(parts, ofApplication),
      endpointStatsRoute(parts),
      sendExampleRoute(parts),
      ...messageRoutes(parts),
      ...attemptRoutes(parts),
      ...endpointRoutes(parts, ofOperators),
      ...endpointSecretRoutes(parts, ofOperators),
      ...endpointHeaderRoutes(parts, ofOperators),
      ...healthRoutes(parts.store),
    ],
    authenticate: (headers, needed) => parts.authentication.authenticate(headers, needed),
    tellError: tellSvixError,
    // Whatever a client calls its body, it is JSON.
    jsonMediaTypes: "*",
  };
}
