import { z } from "zod";
import { ApiError } from "../../domain/errors.ts";
import { type OrganizationId, prefixed } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { newOperationalEventIds } from "../../domain/operational-event.ts";
import { newOrganization, type Organization, type OrganizationChanges } from "../../domain/organization.ts";
import { notFound } from "../../http/ids.ts";
import { shownText } from "../../http/kept-text.ts";
import { readInSteps } from "../../http/pages.ts";
import { flag } from "../../http/query-values.ts";
import { type Route, route, StatusResponse } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { Origin } from "../../intake/intake.ts";
import type { Organizations } from "../../organizations/organizations.ts";
import type { PageOf } from "../../store/page.ts";
import type { Store } from "../../store/store.ts";
import { uidOf } from "../own-fields.ts";
import { applicationIn, findApplication, namespaceOf, uidInPath } from "./application-in-path.ts";
import { listQuery, listSchema, order, pageText, positionIn } from "./lists.ts";
import { metadata } from "./texts.ts";

const rateLimit = z.int().min(1).max(limits.rateLimitMax).nullable();
const name = shownText.min(1);

export const applicationRequest = z.object({
  name,
  uid: uidOf("app").nullable().default(null),
  metadata: metadata.default({}),
  rateLimit: rateLimit.optional(),
  throttleRate: rateLimit.optional().describe("The older name of `rateLimit`, which wins over it."),
});

const patchRequest = z
  .object({ name, uid: uidOf("app").nullable(), metadata, rateLimit, throttleRate: rateLimit })
  .partial();

const applicationResponse = z
  .object({
    id: z.string(),
    uid: z.string().nullable(),
    name: z.string(),
    metadata: z.record(z.string(), z.string()),
    rateLimit: z.int().nullable(),
    throttleRate: z.int().nullable(),
    createdAt: timeResponse,
    updatedAt: timeResponse,
  })
  .meta({ id: "ApplicationOut" });

export interface ApplicationParts {
  readonly store: Store;
  readonly organizations: Organizations;
  readonly origin: Origin;
}

const path = "/app/:app_id";
const tag = "Application";

/** An application is an organization: the tenant whose endpoints receive messages. */
export function applicationRoutes(parts: ApplicationParts): Route[] {
  return [
    listApplications(parts),
    createApplication(parts),
    getApplication(parts),
    replaceApplication(parts),
    patchApplication(parts),
    deleteApplication(parts),
  ];
}

function listApplications({ store }: ApplicationParts): Route {
  return route({
    method: "GET",
    path: "/app",
    operation: "v1.application.list",
    tag,
    summary: "List applications, oldest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    isOperators: true,
    isNamespaces: true,
    query: z.object({
      ...listQuery,
      order: order("ascending"),
      exclude_apps_with_no_endpoints: flag,
      exclude_apps_with_disabled_endpoints: flag.describe("Leaves out applications whose endpoints are all disabled."),
      exclude_apps_with_svix_play_endpoints: flag.describe("Leaves out nothing: Weft has no such endpoints."),
    }),
    response: listSchema(applicationResponse),
    handle: async ({ caller, query }) => {
      const position = positionIn(query.iterator, "app");
      const filters = {
        namespace: caller.namespace,
        oldestFirst: (query.order === "ascending") !== (position?.isBackwards ?? false),
        hasSubscriptions: query.exclude_apps_with_no_endpoints,
        hasNotOnlyDisabled: query.exclude_apps_with_disabled_endpoints,
      };
      const page = await readInSteps({
        limit: query.limit,
        cursor: (position?.key ?? null) as OrganizationId | null,
        read: (part: PageOf<OrganizationId>) => store.filterOrganizations({ ...part, ...filters }),
        cursorOf: ({ id }) => id,
        textOf: (organization) => JSON.stringify(responseOf(organization)),
      });
      return pageText(page, position, (id) => prefixed("app", id));
    },
  });
}

function createApplication({ store, organizations, origin }: ApplicationParts): Route {
  return route({
    method: "POST",
    path: "/app",
    operation: "v1.application.create",
    tag,
    summary: "Create an application",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    query: z.object({ get_if_exists: flag }),
    body: applicationRequest,
    response: applicationResponse,
    handle: async ({ caller, query, body }) => {
      const namespace = await namespaceOf(store, caller);
      const organization = newApplication(origin, namespace, changesOf(body));
      if (await organizations.create(organization)) return new StatusResponse(201, responseOf(organization));
      const known = body.uid === null ? null : await store.findOrganization({ namespace, uid: body.uid });
      if (query.get_if_exists && known !== null) return responseOf(known);
      throw uidTaken(body.uid);
    },
  });
}

function getApplication({ store }: ApplicationParts): Route {
  return route({
    method: "GET",
    path,
    operation: "v1.application.get",
    tag,
    summary: "Get an application",
    scope: "read",
    response: applicationResponse,
    handle: async (request) => responseOf(await applicationIn(store, request)),
  });
}

function replaceApplication({ store, organizations, origin }: ApplicationParts): Route {
  return route({
    method: "PUT",
    path,
    operation: "v1.application.update",
    tag,
    summary: "Replace an application, or create it with the uid in the path",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    body: applicationRequest,
    response: applicationResponse,
    handle: async ({ caller, params, body }) => {
      const known = await findApplication(store, { caller, params });
      if (known !== null) {
        const uid = body.uid ?? uidInPath(known, params.app_id);
        return responseOf(await change(store, origin, known.id, { rateLimit: null, ...changesOf(body), uid }));
      }
      const uid = uidOf("app").safeParse(params.app_id);
      if (!uid.success || (body.uid !== null && body.uid !== uid.data)) throw notFound("Entity");
      const namespace = await namespaceOf(store, caller);
      const organization = newApplication(origin, namespace, { ...changesOf(body), uid: uid.data });
      if (!(await organizations.create(organization))) throw uidTaken(uid.data);
      return new StatusResponse(201, responseOf(organization));
    },
  });
}

function patchApplication({ store, origin }: ApplicationParts): Route {
  return route({
    method: "PATCH",
    path,
    operation: "v1.application.patch",
    tag,
    summary: "Change some fields of an application",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    body: patchRequest,
    response: applicationResponse,
    handle: async (request) => {
      const known = await applicationIn(store, request);
      return responseOf(await change(store, origin, known.id, changesOf(request.body)));
    },
  });
}

function deleteApplication({ store, organizations, origin }: ApplicationParts): Route {
  return route({
    method: "DELETE",
    path,
    operation: "v1.application.delete",
    tag,
    summary: "Delete an application with its endpoints and messages",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    response: z.null(),
    handle: async (request) => {
      const { id: organizationId } = await applicationIn(store, request);
      if ((await store.readFirstOrganization({}))?.id === organizationId) {
        throw new ApiError("organization_in_use", "The first organization of an installation cannot be deleted.");
      }
      await deleteSubscriptions(store, origin, organizationId);
      if ((await organizations.delete(organizationId)) === "in_use") {
        throw new ApiError("organization_in_use", "The application still has collections. Delete them first.");
      }
      return new StatusResponse(204);
    },
  });
}

export function newApplication({ newId, now }: Origin, namespace: string, given: OrganizationChanges): Organization {
  return newOrganization(newId<"organization">(), now(), { namespace, ...given });
}

async function deleteSubscriptions(store: Store, { now, newId }: Origin, organizationId: OrganizationId) {
  for (;;) {
    const found = await store.listSubscriptions({
      organizationId,
      limit: limits.pageStep,
      cursor: null,
      oldestFirst: false,
    });
    if (found.length === 0) return;
    for (const { id } of found) {
      await store.deleteSubscription({
        organizationId,
        subscriptionId: id,
        now: now(),
        operationalEventIds: newOperationalEventIds(newId),
      });
    }
  }
}

async function change(
  store: Store,
  { now }: Origin,
  organizationId: OrganizationId,
  changes: OrganizationChanges,
): Promise<Organization> {
  const after = await store.updateOrganization({ organizationId, changes, now: now() });
  if (after === "uid_taken") throw uidTaken(changes.uid ?? null);
  if (after === "not_found") throw notFound("Entity");
  return after;
}

function uidTaken(uid: string | null): ApiError {
  return new ApiError("uid_taken", `The uid ${JSON.stringify(uid)} belongs to another application.`);
}

export function changesOf({ rateLimit, throttleRate = rateLimit, ...rest }: z.output<typeof patchRequest>) {
  const changes = { ...rest, rateLimit: throttleRate };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as OrganizationChanges;
}

function responseOf(organization: Organization): z.input<typeof applicationResponse> {
  return {
    id: prefixed("app", organization.id),
    uid: organization.uid,
    name: organization.name,
    metadata: { ...organization.metadata },
    rateLimit: organization.rateLimit,
    throttleRate: organization.rateLimit,
    createdAt: isoTime(organization.createdAt),
    updatedAt: isoTime(organization.modifiedAt),
  };
}
