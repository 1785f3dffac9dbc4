import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { hasScope } from "../../domain/api-key.ts";
import { ApiError } from "../../domain/errors.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { isOperatorsOrganization } from "../../domain/operational-event.ts";
import {
  newOrganization,
  type Organization,
  type OrganizationChanges,
  unknownEventTypes,
} from "../../domain/organization.ts";
import { mapOf } from "../../http/caller-objects.ts";
import { idIn, notFound } from "../../http/ids.ts";
import { keptText } from "../../http/kept-text.ts";
import { cursorIn, pageQuery, respondWithListById } from "../../http/pages.ts";
import { type Route, type RouteRequest, route } from "../../http/route.ts";
import { respondWithSortedList, sortQuery } from "../../http/sorted-pages.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { Origin } from "../../intake/intake.ts";
import type { Organizations } from "../../organizations/organizations.ts";
import { type OrganizationSort, organizationSorts } from "../../store/organizations/interface.ts";
import type { SortedPageOf } from "../../store/page.ts";
import type { Store } from "../../store/store.ts";
import { metadata, shownMetadata, uid, uidOf } from "../own-fields.ts";

const organizationResponse = z
  .object({
    id: z.uuid(),
    namespace: z
      .string()
      .describe(
        "`org_weft`, or the organization of the Svix token that created it: the namespace of its uid and event types.",
      ),
    uid: z.string().nullable().describe("Your own id of the organization, unique in its namespace."),
    name: z.string(),
    metadata: shownMetadata,
    unknown_event_types: z
      .enum(unknownEventTypes)
      .describe(
        "Whether events of types that are not in the catalogue are accepted, without a schema, and subscriptions can select them.",
      ),
    description: z.string().nullable(),
    role: z.enum(["owner", "member"]).describe("`owner` for callers with the scope `admin`, otherwise `member`."),
    is_primary: z.boolean().describe("Whether it is the organization of the key."),
    enabled_features: z.array(z.string()).describe("Always empty."),
    auth0_org_id: z.null(),
    org_metadata: z.null(),
    billing: z.null(),
    retention_days: z
      .int()
      .nullable()
      .describe("How many days messages and attempts are kept; null for the retention of the installation."),
    event_type_retention_days: z.record(z.string(), z.int()).describe("Fewer days for event types, by name."),
    created_at: timeResponse,
    modified_at: timeResponse,
  })
  .meta({ id: "Organization", description: "The tenant: keys, subscriptions, messages and producers belong to one." });

const ignored = z.unknown().describe("Ignored: Airweave's clients send it.");
const retentionDays = z.int().min(1).max(limits.retentionDaysMax);

const changeable = {
  name: keptText.trim().min(1).max(limits.nameLengthMax),
  description: keptText.max(limits.descriptionLengthMax).nullable(),
  org_metadata: ignored,
  auth0_org_id: ignored,
  uid: uidOf("app").nullable(),
  metadata,
  unknown_event_types: z.enum(unknownEventTypes),
  retention_days: retentionDays.nullable(),
  event_type_retention_days: mapOf(retentionDays, { keysMax: limits.eventTypeRetentionsMax, key: uid }),
};

const createRequest = z.strictObject(changeable).partial().required({ name: true });
const patchRequest = z.strictObject(changeable).partial();

const organizationKind = { prefix: null, noun: "Organization" } as const;

export interface OrganizationParts {
  readonly store: Store;
  readonly organizations: Organizations;
  readonly origin: Origin;
}

export function organizationRoutes(parts: OrganizationParts): Route[] {
  return [
    listOrganizations(parts),
    createOrganization(parts),
    getOrganization(parts),
    updateOrganization(parts),
    replaceOrganization(parts),
    listOwnOrganizations(parts),
    deleteOrganization(parts),
  ];
}

function listOrganizations(parts: OrganizationParts): Route {
  return listRoute(parts, {
    path: "/organizations",
    operation: "listOrganizations",
    summary: "List organizations: all of them for the operator, otherwise the key's own",
  });
}

function listOwnOrganizations(parts: OrganizationParts): Route {
  return listRoute(parts, {
    path: "/users/me/organizations",
    operation: "listOwnOrganizations",
    summary: "List the same organizations, at the path that Airweave's command line reads",
  });
}

function listRoute(
  { store }: OrganizationParts,
  definition: { readonly path: string; readonly operation: string; readonly summary: string },
): Route {
  return route({
    ...definition,
    method: "GET",
    tag: "organizations",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({ ...pageQuery, ...sortQuery(organizationSorts, "organizations") }),
    response: z.array(organizationResponse),
    handle: async ({ caller, query: { limit, cursor, sort, order }, nextPage }) => {
      if (!caller.isOperator) {
        const own = await store.readOrganization({ organizationId: caller.organizationId });
        return own === null ? [] : [organizationOf(own, caller)];
      }
      if (sort !== undefined) {
        return await respondWithSortedList({
          ...{ sort, order, limit, cursor, nextPage },
          read: (page: SortedPageOf<OrganizationId, OrganizationSort>) => store.sortOrganizations(page),
          positionOf: ({ position }) => position,
          responseOf: ({ organization }) => organizationOf(organization, caller),
        });
      }
      return await respondWithListById({
        limit,
        cursor: cursorIn<"organization">(cursor, null),
        read: (part) => store.listOrganizations({ ...part, oldestFirst: false }),
        responseOf: (organization) => organizationOf(organization, caller),
        nextPage,
      });
    },
  });
}

function createOrganization({ organizations, origin: { now, newId } }: OrganizationParts): Route {
  return route({
    method: "POST",
    path: "/organizations",
    operation: "createOrganization",
    tag: "organizations",
    summary: "Create an organization",
    scope: "admin",
    isOperators: true,
    body: createRequest,
    response: organizationResponse,
    handle: async ({ caller, body }) => {
      const organization = newOrganization(newId<"organization">(), now(), changesOf(body));
      if (!(await organizations.create(organization))) throw uidTaken(organization.uid);
      return organizationOf(organization, caller);
    },
  });
}

function getOrganization({ store }: OrganizationParts): Route {
  return route({
    method: "GET",
    path: "/organizations/:organization_id",
    operation: "getOrganization",
    tag: "organizations",
    summary: "Get an organization",
    scope: "read",
    response: organizationResponse,
    handle: async ({ caller, params }) => {
      const found = await store.readOrganization({ organizationId: visibleId(caller, params) });
      if (found === null) throw notFound(organizationKind.noun);
      return organizationOf(found, caller);
    },
  });
}

function updateOrganization(parts: OrganizationParts): Route {
  return route({
    method: "PATCH",
    path: "/organizations/:organization_id",
    operation: "updateOrganization",
    tag: "organizations",
    summary: "Change an organization",
    scope: "admin",
    body: patchRequest,
    response: organizationResponse,
    handle: (request) => change(parts, request),
  });
}

function replaceOrganization(parts: OrganizationParts): Route {
  return route({
    method: "PUT",
    path: "/organizations/:organization_id",
    operation: "replaceOrganization",
    tag: "organizations",
    summary: "Change an organization like PATCH, as Airweave's clients do; the name is required",
    scope: "admin",
    body: createRequest,
    response: organizationResponse,
    handle: (request) => change(parts, request),
  });
}

async function change(
  { store, origin: { now } }: OrganizationParts,
  { caller, params, body }: Pick<RouteRequest<unknown, z.output<typeof patchRequest>>, "caller" | "params" | "body">,
) {
  const organizationId = visibleId(caller, params);
  const after = await store.updateOrganization({ organizationId, changes: changesOf(body), now: now() });
  if (after === "uid_taken") throw uidTaken(body.uid ?? null);
  if (after === "not_found") throw notFound(organizationKind.noun);
  return organizationOf(after, caller);
}

function deleteOrganization({ store, organizations }: OrganizationParts): Route {
  return route({
    method: "DELETE",
    path: "/organizations/:organization_id",
    operation: "deleteOrganization",
    tag: "organizations",
    summary: "Delete an organization without collections and subscriptions",
    scope: "admin",
    isOperators: true,
    response: organizationResponse,
    handle: async ({ caller, params }) => {
      const organizationId = visibleId(caller, params);
      const before = await store.readOrganization({ organizationId });
      if (before === null) throw notFound(organizationKind.noun);
      const first = await store.readFirstOrganization({});
      if (organizationId === first?.id || isOperatorsOrganization(organizationId)) {
        throw new ApiError(
          "bad_request",
          `${before.name} belongs to the installation or to its operators, and cannot be deleted.`,
        );
      }
      if ((await organizations.delete(organizationId)) === "in_use") {
        throw new ApiError(
          "bad_request",
          "The organization still has collections or subscriptions. Delete them first.",
        );
      }
      return organizationOf(before, caller);
    },
  });
}

function visibleId(caller: Caller, params: Readonly<Record<string, string>>): OrganizationId {
  const id = idIn<"organization">(params, "organization_id", organizationKind);
  if (id !== caller.organizationId && !caller.isOperator) throw notFound(organizationKind.noun);
  return id;
}

function changesOf(body: z.output<typeof patchRequest>): OrganizationChanges {
  const { name, uid, description, metadata, unknown_event_types: setting } = body;
  const { retention_days: retentionDays, event_type_retention_days: eventTypeRetentionDays } = body;
  return {
    ...(name !== undefined && { name }),
    ...(uid !== undefined && { uid }),
    ...(description !== undefined && { description }),
    ...(metadata !== undefined && { metadata }),
    ...(setting !== undefined && { unknownEventTypes: setting }),
    ...(retentionDays !== undefined && { retentionDays }),
    ...(eventTypeRetentionDays !== undefined && { eventTypeRetentionDays }),
  };
}

function uidTaken(uid: string | null): ApiError {
  return new ApiError("uid_taken", `The uid ${JSON.stringify(uid)} belongs to another organization. Use another uid.`);
}

function organizationOf(organization: Organization, caller: Caller): z.input<typeof organizationResponse> {
  return {
    id: organization.id,
    namespace: organization.namespace,
    uid: organization.uid,
    name: organization.name,
    metadata: { ...organization.metadata },
    unknown_event_types: organization.unknownEventTypes,
    description: organization.description,
    role: hasScope(caller.scopes, "admin") ? "owner" : "member",
    is_primary: organization.id === caller.organizationId,
    enabled_features: [],
    auth0_org_id: null,
    org_metadata: null,
    billing: null,
    retention_days: organization.retentionDays,
    event_type_retention_days: { ...organization.eventTypeRetentionDays },
    created_at: isoTime(organization.createdAt),
    modified_at: isoTime(organization.modifiedAt),
  };
}
