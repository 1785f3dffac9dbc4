import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from "@tanstack/react-router";
import { NotFound, PageFailed } from "./layout/failed.tsx";
import { Root } from "./layout/root.tsx";
import { optionalText, optionalTexts } from "./search.ts";

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Root,
  // The address contains the organization that operators work in, so that a link shows others the same.
  validateSearch: (search: Record<string, unknown>): { org?: string } => optionalText(search, "org"),
  search: { middlewares: [retainSearchParams(["org"])] },
  notFoundComponent: NotFound,
  errorComponent: PageFailed,
});

const under = () => rootRoute;

const overview = createRoute({
  getParentRoute: under,
  path: "/",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "window"),
    ...optionalTexts(search, "types"),
  }),
  component: lazyRouteComponent(() => import("./pages/overview/overview-page.tsx"), "OverviewPage"),
});

const messages = createRoute({
  getParentRoute: under,
  path: "/messages",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "status"),
    ...optionalText(search, "since"),
    ...optionalText(search, "until"),
    ...optionalText(search, "subscription"),
    ...optionalText(search, "event_id"),
    ...optionalText(search, "payload"),
    ...optionalText(search, "status_class"),
    ...optionalText(search, "attempted_since"),
    ...optionalText(search, "attempted_until"),
    ...optionalText(search, "cursor"),
    ...optionalTexts(search, "types"),
  }),
  component: lazyRouteComponent(() => import("./pages/messages/messages-page.tsx"), "MessagesPage"),
});

const message = createRoute({
  getParentRoute: under,
  path: "/messages/$messageId",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "attempt"),
    ...optionalText(search, "compare"),
  }),
  component: lazyRouteComponent(() => import("./pages/messages/message-page.tsx"), "MessagePage"),
});

const subscriptions = createRoute({
  getParentRoute: under,
  path: "/subscriptions",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "search"),
    ...optionalText(search, "health"),
    ...optionalTexts(search, "types"),
    ...optionalText(search, "sort"),
    ...optionalText(search, "status"),
    ...optionalText(search, "cursor"),
  }),
  component: lazyRouteComponent(() => import("./pages/subscriptions/subscriptions-page.tsx"), "SubscriptionsPage"),
});

const newSubscription = createRoute({
  getParentRoute: under,
  path: "/subscriptions/new",
  validateSearch: (search: Record<string, unknown>) => optionalTexts(search, "types"),
  component: lazyRouteComponent(() => import("./pages/subscriptions/new-subscription-page.tsx"), "NewSubscriptionPage"),
});

const subscription = createRoute({
  getParentRoute: under,
  path: "/subscriptions/$subscriptionId",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "tab"),
    ...optionalText(search, "status"),
    ...optionalText(search, "status_class"),
    ...optionalText(search, "since"),
    ...optionalText(search, "until"),
    ...optionalText(search, "cursor"),
    ...optionalText(search, "window"),
    ...optionalTexts(search, "types"),
  }),
  component: lazyRouteComponent(() => import("./pages/subscriptions/subscription-page.tsx"), "SubscriptionPage"),
});

const editSubscription = createRoute({
  getParentRoute: under,
  path: "/subscriptions/$subscriptionId/edit",
  component: lazyRouteComponent(
    () => import("./pages/subscriptions/edit-subscription-page.tsx"),
    "EditSubscriptionPage",
  ),
});

const eventTypes = createRoute({
  getParentRoute: under,
  path: "/event-types",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "search"),
    ...optionalText(search, "archived"),
  }),
  component: lazyRouteComponent(() => import("./pages/event-types/event-types-page.tsx"), "EventTypesPage"),
});

const eventType = createRoute({
  getParentRoute: under,
  path: "/event-types/$name",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "language"),
    ...optionalText(search, "framework"),
    ...optionalText(search, "subscription"),
  }),
  component: lazyRouteComponent(() => import("./pages/event-types/event-type-page.tsx"), "EventTypePage"),
});

// Its address is not below that of event types, one of which may have the name `new`.
const newEventType = createRoute({
  getParentRoute: under,
  path: "/new-event-type",
  component: lazyRouteComponent(() => import("./pages/event-types/new-event-type-page.tsx"), "NewEventTypePage"),
});

const editEventType = createRoute({
  getParentRoute: under,
  path: "/event-types/$name/edit",
  component: lazyRouteComponent(() => import("./pages/event-types/edit-event-type-page.tsx"), "EditEventTypePage"),
});

const freshness = createRoute({
  getParentRoute: under,
  path: "/freshness",
  component: lazyRouteComponent(() => import("./pages/producers/freshness-page.tsx"), "FreshnessPage"),
});

const collections = createRoute({
  getParentRoute: under,
  path: "/collections",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "search"),
    ...optionalText(search, "cursor"),
  }),
  component: lazyRouteComponent(() => import("./pages/producers/collections-page.tsx"), "CollectionsPage"),
});

const collection = createRoute({
  getParentRoute: under,
  path: "/collections/$readableId",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "query"),
    ...optionalText(search, "source"),
    ...optionalText(search, "type"),
  }),
  component: lazyRouteComponent(() => import("./pages/producers/collection-page.tsx"), "CollectionPage"),
});

const sourceConnections = createRoute({
  getParentRoute: under,
  path: "/source-connections",
  validateSearch: (search: Record<string, unknown>) => optionalText(search, "cursor"),
  component: lazyRouteComponent(() => import("./pages/producers/source-connections-page.tsx"), "SourceConnectionsPage"),
});

const newSourceConnection = createRoute({
  getParentRoute: under,
  path: "/source-connections/new",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "collection"),
    ...optionalText(search, "source"),
  }),
  component: lazyRouteComponent(
    () => import("./pages/producers/new-source-connection-page.tsx"),
    "NewSourceConnectionPage",
  ),
});

const sourceConnection = createRoute({
  getParentRoute: under,
  path: "/source-connections/$sourceConnectionId",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "cursor"),
    ...optionalText(search, "access"),
  }),
  component: lazyRouteComponent(() => import("./pages/producers/source-connection-page.tsx"), "SourceConnectionPage"),
});

// The target of redirects after an authorization: the address has the connection and the outcome.
const grantedAccess = createRoute({
  getParentRoute: under,
  path: "/source-connections/granted",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "source_connection_id"),
    ...optionalText(search, "status"),
    ...optionalText(search, "error"),
  }),
  component: lazyRouteComponent(() => import("./pages/producers/granted-access-page.tsx"), "GrantedAccessPage"),
});

const apiKeys = createRoute({
  getParentRoute: under,
  path: "/api-keys",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "sort"),
    ...optionalText(search, "cursor"),
  }),
  component: lazyRouteComponent(() => import("./pages/administration/api-keys-page.tsx"), "ApiKeysPage"),
});

const organizations = createRoute({
  getParentRoute: under,
  path: "/organizations",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "sort"),
    ...optionalText(search, "cursor"),
  }),
  component: lazyRouteComponent(() => import("./pages/administration/organizations-page.tsx"), "OrganizationsPage"),
});

const auditLog = createRoute({
  getParentRoute: under,
  path: "/audit-log",
  validateSearch: (search: Record<string, unknown>) => ({
    ...optionalText(search, "operation"),
    ...optionalText(search, "key"),
    ...optionalText(search, "whose"),
    ...optionalText(search, "since"),
    ...optionalText(search, "until"),
    ...optionalText(search, "cursor"),
  }),
  component: lazyRouteComponent(() => import("./pages/administration/audit-log-page.tsx"), "AuditLogPage"),
});

const settings = createRoute({
  getParentRoute: under,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/administration/settings-page.tsx"), "SettingsPage"),
});

export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: rootRoute.addChildren([
      overview,
      messages,
      message,
      subscriptions,
      newSubscription,
      subscription,
      editSubscription,
      eventTypes,
      eventType,
      newEventType,
      editEventType,
      freshness,
      collections,
      collection,
      sourceConnections,
      newSourceConnection,
      sourceConnection,
      grantedAccess,
      apiKeys,
      organizations,
      auditLog,
      settings,
    ]),
    basepath: "/console",
    context: { queryClient },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: PageFailed,
    defaultNotFoundComponent: NotFound,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
