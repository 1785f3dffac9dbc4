import type { SvixAuthentication } from "../../auth/svix-authentication.ts";
import type { Api } from "../../http/api.ts";
import { keyChallenge } from "../../http/error-response.ts";
import type { Route } from "../../http/route.ts";
import { type ApplicationParts, applicationRoutes } from "./applications.ts";
import { attemptRoutes } from "./attempts.ts";
import { backgroundTaskRoutes } from "./background-tasks.ts";
import { documented, documentRoute } from "./document.ts";
import { endpointHeaderRoutes } from "./endpoint-headers.ts";
import { ofApplication, ofOperators } from "./endpoint-in-path.ts";
import { type EndpointRecoveryParts, endpointRecoveryRoutes } from "./endpoint-recoveries.ts";
import { endpointSecretRoutes } from "./endpoint-secrets.ts";
import { endpointStatsRoutes } from "./endpoint-stats.ts";
import { endpointRoutes } from "./endpoints.ts";
import { renderSvixError } from "./errors.ts";
import { importEventTypesRoute } from "./event-type-import.ts";
import { type EventTypeParts, eventTypeRoutes } from "./event-types.ts";
import { expungeContentsRoutes } from "./expunge-contents.ts";
import { healthRoutes } from "./health.ts";
import { type MessageParts, messageRoutes } from "./messages.ts";
import { type PortalAccessParts, portalAccessRoutes } from "./portal-access.ts";
import { sendExampleRoute } from "./send-example.ts";
import { usageRoutes } from "./usage.ts";

export interface SvixApiParts
  extends ApplicationParts,
    EventTypeParts,
    EndpointRecoveryParts,
    MessageParts,
    PortalAccessParts {
  readonly authentication: SvixAuthentication;
  readonly version: string;
}

/** The API of Svix's SDKs, on the same intake, engine and store. */
export function svixApi(parts: SvixApiParts): Api {
  return {
    prefix: documented.prefix,
    routes: svixRoutes(parts),
    authenticate: (headers) => parts.authentication.authenticate(headers),
    renderError: renderSvixError,
    challenge: keyChallenge,
    anyOrigin: true,
    // Every body is read as JSON, regardless of its media type.
    jsonMediaTypes: "*",
  };
}

/** Every route, in the order of the document. */
export function svixRoutes(parts: SvixApiParts): Route[] {
  const routes: Route[] = [
    ...applicationRoutes(parts),
    ...eventTypeRoutes(parts),
    importEventTypesRoute(parts),
    ...endpointRoutes(parts, ofApplication),
    ...endpointSecretRoutes(parts, ofApplication),
    ...endpointHeaderRoutes(parts, ofApplication),
    ...endpointRecoveryRoutes(parts),
    ...endpointStatsRoutes(parts),
    sendExampleRoute(parts),
    ...messageRoutes(parts),
    ...attemptRoutes(parts),
    ...expungeContentsRoutes(parts),
    ...backgroundTaskRoutes(parts.store),
    ...portalAccessRoutes(parts),
    ...usageRoutes(parts),
    ...endpointRoutes(parts, ofOperators),
    ...endpointSecretRoutes(parts, ofOperators),
    ...endpointHeaderRoutes(parts, ofOperators),
    ...healthRoutes(parts.store),
    documentRoute(() => routes, parts.version),
  ];
  return routes;
}
