import { z } from "zod";
import { type Caller, mayActIn } from "../../auth/caller.ts";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { ApiError, validationFailed } from "../../domain/errors.ts";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { defaultNamespace } from "../../domain/organization.ts";
import { type Route, route, StatusResponse } from "../../http/route.ts";
import { timeRequest } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";
import { startSurvey } from "../../upkeep/start-task.ts";
import type { ApplicationParts } from "./applications.ts";
import { startedResponse, taskStarted } from "./background-tasks.ts";

const tag = "Statistics";

/** Figures about the applications of an installation or a namespace, for their operator. They take a while to compute, so that they are background tasks. */
export function usageRoutes(parts: ApplicationParts): Route[] {
  return [countDeliveries(parts), listSubscribedTypes(parts)];
}

function countDeliveries({ store, origin }: ApplicationParts): Route {
  return route({
    method: "POST",
    path: "/stats/usage/app",
    operation: "v1.statistics.aggregate-app-stats",
    tag,
    summary: "Count successful deliveries of messages in [since, until), by application",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    isLogged: false,
    bodyBounds: bodyBounds.settings,
    body: z.object({
      since: timeRequest,
      until: timeRequest,
      appIds: z
        .array(z.string().max(limits.uidLengthMax))
        .max(limits.surveyNamedMax)
        .nullish()
        .describe("Ids or uids; an empty list means all."),
    }),
    response: z
      .object({ ...startedResponse.shape, unresolvedAppIds: z.array(z.string()) })
      .meta({ id: "AppUsageStatsOut" }),
    handle: async ({ caller, body: { since, until, appIds } }) => {
      if (until <= since) {
        const msg = "The window ends before it begins.";
        throw validationFailed([{ loc: ["body", "until"], msg, type: "value_error" }]);
      }
      const { organizationIds, unresolved } = await resolved(store, caller, appIds ?? []);
      const { namespace } = caller;
      const request = { kind: "delivery_survey", since, until, organizationIds, namespace } as const;
      const survey = await startSurvey(store, request, { newId: origin.newId, now: origin.now() });
      const started = taskStarted(survey);
      return new StatusResponse(started.status, { ...(started.value as object), unresolvedAppIds: unresolved });
    },
  });
}

function listSubscribedTypes({ store, origin }: ApplicationParts): Route {
  return route({
    method: "PUT",
    path: "/stats/usage/event-types",
    operation: "v1.statistics.aggregate-event-types",
    tag,
    summary: "Collect the event types that each application's endpoints select",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    isLogged: false,
    response: startedResponse,
    handle: async ({ caller: { namespace } }) => {
      const now = origin.now();
      const request = { kind: "event_type_survey", since: 0, until: now, namespace } as const;
      const organizationIds = await everyOrganization(store, namespace);
      return taskStarted(await startSurvey(store, { ...request, organizationIds }, { newId: origin.newId, now }));
    },
  });
}

async function resolved(store: Store, caller: Caller, named: readonly string[]) {
  const { namespace } = caller;
  if (named.length === 0) return { organizationIds: await everyOrganization(store, namespace), unresolved: [] };
  const found = await Promise.all(
    named.map(async (name) => {
      const organizationId = parseId<"organization">("app", name);
      const organization =
        organizationId === null
          ? await store.findOrganization({ namespace: namespace ?? defaultNamespace, uid: name })
          : await store.readOrganization({ organizationId });
      return { name, id: organization !== null && mayActIn(caller, organization) ? organization.id : null };
    }),
  );
  const ids = found.flatMap(({ id }) => id ?? []);
  if (ids.length === 0) {
    const msg = "No application has any of these ids or uids.";
    throw validationFailed([{ loc: ["body", "appIds"], msg, type: "value_error" }]);
  }
  return {
    organizationIds: [...new Set(ids)].sort(),
    unresolved: found.filter(({ id }) => id === null).map(({ name }) => name),
  };
}

/** The applications of a namespace; all of them for null. */
async function everyOrganization(
  store: Pick<Store, "filterOrganizations">,
  namespace: string | null,
): Promise<OrganizationId[]> {
  const ids: OrganizationId[] = [];
  let cursor: OrganizationId | null = null;
  for (;;) {
    const page = await store.filterOrganizations({
      ...{ limit: limits.pageMax, cursor, oldestFirst: true, namespace },
      ...{ hasSubscriptions: false, hasNotOnlyDisabled: false },
    });
    ids.push(...page.items.map(({ id }) => id));
    if (ids.length > limits.surveyedMax) {
      throw new ApiError(
        "limit_reached",
        `There are more than ${limits.surveyedMax} applications, the maximum for one task. Name some of them.`,
      );
    }
    if (page.next === null) return ids;
    cursor = page.next;
  }
}
