import type { Authentication } from "../../auth/authentication.ts";
import type { Sessions } from "../../auth/sessions.ts";
import type { WeftAuthentication } from "../../auth/weft-authentication.ts";
import type { Clock } from "../../domain/clock.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import type { Api } from "../../http/api.ts";
import { keyChallenge, problemResponse } from "../../http/error-response.ts";
import { type DocumentedApi, onceMade, openApiDocument } from "../../http/openapi.ts";
import { jsonMediaTypes } from "../../http/request-body.ts";
import type { Route } from "../../http/route.ts";
import type { Intake, Origin } from "../../intake/intake.ts";
import type { Organizations } from "../../organizations/organizations.ts";
import type { Searches } from "../../search/searches.ts";
import type { Store } from "../../store/store.ts";
import type { Subscriptions } from "../../subscriptions/subscriptions.ts";
import type { Collections } from "../../sync/collections.ts";
import type { Authorizations } from "../../sync/oauth/authorizations.ts";
import type { AuthorizationClaims } from "../../sync/oauth/claims.ts";
import type { SourceConnections } from "../../sync/source-connections.ts";
import type { SourceList } from "../../sync/source-list.ts";
import type { SourceTrials } from "../../sync/source-trials.ts";
import { apiKeyRoutes } from "./api-keys.ts";
import { attemptRoutes } from "./attempts.ts";
import { auditLogRoutes } from "./audit-log.ts";
import { authorizationRoutes } from "./authorizations.ts";
import { backgroundTaskRoutes } from "./background-tasks.ts";
import { backlogRoutes } from "./backlog.ts";
import { collectionRoutes } from "./collections.ts";
import { draftSubscriptionRoutes } from "./draft-subscriptions.ts";
import { entityDefinitionRoutes } from "./entity-definitions.ts";
import { type EventCatalogueParts, eventCatalogueRoutes } from "./event-catalogue.ts";
import { eventTypeRoutes } from "./event-types.ts";
import { publishRoute } from "./events.ts";
import { filteredRecoveryRoutes } from "./filtered-recoveries.ts";
import { findRoutes } from "./find.ts";
import { legacySearchRoute } from "./legacy-search.ts";
import { type ListenerRouteParts, listenerRoutes } from "./listeners/listener-routes.ts";
import { messageDeliveryRoutes } from "./message-deliveries.ts";
import { messageRoutes } from "./messages.ts";
import { noticePreviewRoutes } from "./notice-previews.ts";
import { oauthClaimRoutes } from "./oauth-claims.ts";
import { organizationRoutes } from "./organizations.ts";
import { type ProcessParts, processRoutes } from "./process.ts";
import { recoveryRoutes } from "./recoveries.ts";
import { searchRoutes } from "./search.ts";
import { searchTierRoutes } from "./search-tiers.ts";
import { type SessionRouteParts, sessionRoutes } from "./session.ts";
import { type SettingsRouteParts, settingsRoutes } from "./settings.ts";
import { type SignInRouteParts, signInRoutes } from "./sign-in.ts";
import { sourceConnectionRoutes } from "./source-connections.ts";
import { sourceTrialRoutes } from "./source-trials.ts";
import { sourceRoutes } from "./sources.ts";
import { statsRoutes } from "./stats.ts";
import { streamRoutes } from "./stream/stream-routes.ts";
import type { Streams } from "./stream/streams.ts";
import { subscriptionActionRoutes } from "./subscription-actions.ts";
import { subscriptionRoutes } from "./subscriptions.ts";
import { syncJobRoutes } from "./sync-jobs.ts";

export interface WeftApiParts {
  readonly store: Store;
  readonly intake: Intake;
  readonly organizations: Organizations;
  readonly eventTypes: EventTypes;
  readonly keys: Authentication;
  readonly sessions: Sessions;
  readonly authentication: WeftAuthentication;
  readonly signIn: SignInRouteParts["signIn"];
  readonly providerName: string;
  /** The first organization. */
  readonly organizationId: SignInRouteParts["organizationId"];
  readonly auth: "none" | "required";
  readonly publicEventTypes: EventCatalogueParts["publicEventTypes"];
  readonly portalBrand: SessionRouteParts["portalBrand"];
  /** The public base URL of this Weft, without a trailing slash. */
  readonly publicUrl: () => string;
  readonly origin: Origin;
  readonly clock: Clock;
  readonly subscriptions: Subscriptions;
  readonly recoveryWindowMsMax: number;
  readonly sources: SourceList;
  readonly sourceTrials: SourceTrials;
  readonly collections: Collections;
  readonly searches: Searches;
  readonly connections: SourceConnections;
  readonly authorizations: Authorizations;
  readonly claims: AuthorizationClaims;
  readonly streams: Streams;
  readonly listeners: ListenerRouteParts["listeners"];
  readonly reporter: ListenerRouteParts["reporter"];
  /** The installation's default retry schedule, for outcomes that listeners report. */
  readonly retry: ListenerRouteParts["retry"];
  readonly attemptTimeoutMs: number;
  /** The command that runs this Weft, and its effective settings with masked secrets. */
  readonly installation: SettingsRouteParts["installation"];
  readonly userAgent: string;
  /** How long messages and attempts are kept (ms). */
  readonly retentionMs: number;
  readonly version: string;
  readonly metrics: ProcessParts["metrics"];
}

/** Weft's own API, with and without the prefix `/v1`. */
export function weftApi(parts: WeftApiParts): Api {
  return {
    prefix: "",
    routes: apiRoutes(parts),
    authenticate: (headers, route) => parts.authentication.authenticate(headers, route),
    renderError: problemResponse,
    challenge: keyChallenge,
    anyOrigin: false,
    jsonMediaTypes,
  };
}

/** Every route, in the order of the document. */
export function apiRoutes(parts: WeftApiParts): Route[] {
  const {
    store,
    intake,
    eventTypes: catalogue,
    origin,
    clock,
    version,
    collections,
    connections,
    authorizations,
    claims,
  } = parts;
  const { attemptTimeoutMs } = parts;
  const subscriptionParts = { store, subscriptions: parts.subscriptions, catalogue, ...origin };
  const recoveryParts = { store, catalogue, recoveryWindowMsMax: parts.recoveryWindowMsMax, ...origin };
  const routes: Route[] = [
    publishRoute(intake, origin.now),
    ...eventCatalogueRoutes(parts),
    ...eventTypeRoutes(parts.eventTypes),
    ...messageRoutes({ store, catalogue, now: origin.now }),
    ...messageDeliveryRoutes({ store, now: origin.now, retry: parts.retry }),
    ...findRoutes({ store, catalogue }),
    ...draftSubscriptionRoutes({ store, catalogue }),
    ...noticePreviewRoutes({ store, catalogue, userAgent: parts.userAgent, ...origin }),
    ...subscriptionRoutes(subscriptionParts),
    ...subscriptionActionRoutes({ ...subscriptionParts, intake, attemptTimeoutMs, clock }),
    ...listenerRoutes({
      ...subscriptionParts,
      listeners: parts.listeners,
      reporter: parts.reporter,
      retry: parts.retry,
    }),
    ...attemptRoutes(parts),
    ...recoveryRoutes(recoveryParts),
    ...filteredRecoveryRoutes(recoveryParts),
    ...backgroundTaskRoutes({ store, now: origin.now }),
    ...backlogRoutes(store, origin.now),
    ...statsRoutes({ store, retentionMs: parts.retentionMs, now: origin.now }),
    ...collectionRoutes({ store, collections }),
    ...searchRoutes(store),
    ...searchTierRoutes(parts.searches),
    legacySearchRoute(store),
    ...sourceRoutes(parts.sources),
    ...sourceTrialRoutes(parts.sourceTrials),
    ...entityDefinitionRoutes(parts.sources),
    ...sourceConnectionRoutes({ store, connections, authorizations, now: origin.now }),
    ...oauthClaimRoutes({ claims, authorizations, now: origin.now }),
    ...authorizationRoutes(authorizations),
    ...syncJobRoutes({ store, connections }),
    ...organizationRoutes({ store, organizations: parts.organizations, origin }),
    ...auditLogRoutes(store),
    ...apiKeyRoutes({ store, authentication: parts.keys, ...origin }),
    ...sessionRoutes(parts),
    ...signInRoutes(parts),
    ...settingsRoutes(parts),
    ...streamRoutes(parts.streams),
    ...processRoutes({
      store,
      version,
      metrics: parts.metrics,
      openApi: onceMade(() => JSON.stringify(weftDocument(routes, version))),
    }),
  ];
  return routes.map(closedToApplications);
}

const opensForApplications: readonly string[] = ["webhooks", "session", "stream"];

/** An application's own users see and change its subscriptions and messages, and none of its producers. */
function closedToApplications(route: Route): Route {
  if (route.access === null || opensForApplications.includes(route.tag)) return route;
  return { ...route, access: { ...route.access, appTokens: "never" } };
}

/** The OpenAPI document of these routes. */
export function weftDocument(routes: readonly Route[], version: string) {
  return openApiDocument(documented, routes, version);
}

const documented: DocumentedApi = {
  title: "Weft",
  description:
    "Webhooks for context-sync platforms. Every path is below `/v1`, and for existing clients also at the root.",
  prefix: "",
  server: "/v1",
  success: "200",
  error: {
    mediaType: "application/problem+json",
    schema: {
      type: "object",
      description: "A problem (RFC 9457) with the platform's `detail` and `errors`.",
      required: ["detail", "type", "title", "status", "code", "request_id"],
      properties: {
        detail: { type: "string", description: "One sentence." },
        errors: {
          type: "array",
          description: "Only with a 422: one entry for each mistake.",
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
        type: { type: "string" },
        title: { type: "string" },
        status: { type: "integer" },
        code: { type: "string" },
        request_id: { type: "string" },
      },
    },
  },
};
