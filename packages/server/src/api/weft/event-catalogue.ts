import { z } from "zod";
import { ApiError } from "../../domain/errors.ts";
import { matchesPattern } from "../../domain/event-pattern.ts";
import type { EventType } from "../../domain/event-type.ts";
import { limits } from "../../domain/limits.ts";
import { defaultNamespace } from "../../domain/organization.ts";
import { catalogueDocument } from "../../event-types/catalogue-document.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import { severalTexts } from "../../http/query-values.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";

export interface EventCatalogueParts {
  readonly eventTypes: Pick<EventTypes, "list" | "listFor">;
  readonly version: string;
  /** Whether callers without a key can read the event types. */
  readonly publicEventTypes: boolean;
}

const query = z.object({
  event_types: severalTexts.describe(
    "Only these event types: names, or patterns such as `sync.*`. It may be repeated.",
  ),
});

/** The event types as an OpenAPI document, for tools that generate types. */
export function eventCatalogueRoutes({ eventTypes, version, publicEventTypes }: EventCatalogueParts): Route[] {
  const common = { method: "GET", tag: "webhooks", query, response: z.unknown(), isLogged: false } as const;
  return [
    route({
      ...common,
      path: "/webhooks/event-types/openapi.json",
      operation: "getEventCatalogue",
      summary: "Get the event types as an OpenAPI 3.1 document of webhooks",
      scope: "read",
      bytesReserved: limits.catalogueDocumentLengthMax,
      handle: async ({ caller: { organizationId, featureFlags }, query: { event_types: patterns } }) => {
        const types = await eventTypes.listFor(organizationId, { featureFlags, includeArchived: false });
        return new TextResponse(await catalogueDocument(selected(types, patterns), version));
      },
    }),
    route({
      ...common,
      tag: "process",
      path: "/events.openapi.json",
      operation: "getPublicEventCatalogue",
      summary: "Get the same document without a key, if WEFT_PUBLIC_EVENT_TYPES is true",
      scope: null,
      bytesReserved: limits.catalogueDocumentLengthMax,
      handle: async ({ query: { event_types: patterns } }) => {
        if (!publicEventTypes) {
          throw new ApiError(
            "not_found",
            "This Weft does not publish its event types. Set WEFT_PUBLIC_EVENT_TYPES=true.",
          );
        }
        // Event types with a feature flag are not for everyone.
        const types = await eventTypes.list(defaultNamespace, { featureFlags: [], includeArchived: false });
        return new TextResponse(await catalogueDocument(selected(types, patterns), version));
      },
    }),
  ];
}

function selected(types: readonly EventType[], patterns: readonly string[] | undefined): readonly EventType[] {
  if (patterns === undefined) return types;
  return types.filter(({ name }) => patterns.some((pattern) => matchesPattern(pattern, name)));
}
