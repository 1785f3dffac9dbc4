import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { ApiError } from "../../domain/errors.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { operatorsOrganizationId } from "../../domain/operational-event.ts";
import { newOrganization, type Organization } from "../../domain/organization.ts";
import { idIn, notFound } from "../../http/ids.ts";
import { keptText } from "../../http/kept-text.ts";
import { cursorIn, pageQuery, respondWithListById } from "../../http/pages.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { Origin } from "../../intake/intake.ts";
import type { Store } from "../../store/store.ts";

const organizationResponse = z
  .object({ id: z.uuid(), name: z.string(), created_at: timeResponse, modified_at: timeResponse })
  .meta({ id: "Organization", description: "The tenant: keys, subscriptions, messages and producers belong to one." });

const organizationRequest = z.strictObject({ name: keptText.trim().min(1).max(limits.nameLengthMax) });

const organizationKind = { prefix: null, noun: "Organization" } as const;

export function organizationRoutes(store: Store, origin: Origin): Route[] {
  return [
    listOrganizations(store),
    createOrganization(store, origin),
    getOrganization(store),
    renameOrganization(store, origin),
    deleteOrganization(store, origin),
  ];
}

function listOrganizations(store: Store): Route {
  return route({
    method: "GET",
    path: "/organizations",
    operation: "listOrganizations",
    tag: "organizations",
    summary: "List organizations: all of them for the operator, otherwise the key's own",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object(pageQuery),
    response: z.array(organizationResponse),
    handle: async ({ caller, query: { limit, cursor }, nextPage }) => {
      if (!caller.isOperator) {
        const own = await store.readOrganization({ organizationId: caller.organizationId });
        return own === null ? [] : [organizationOf(own)];
      }
      return await respondWithListById({
        limit,
        cursor: cursorIn<"organization">(cursor, null),
        read: (part) => store.listOrganizations({ ...part, oldestFirst: false }),
        responseOf: organizationOf,
        nextPage,
      });
    },
  });
}

function createOrganization(store: Store, { now, newId }: Origin): Route {
  return route({
    method: "POST",
    path: "/organizations",
    operation: "createOrganization",
    tag: "organizations",
    summary: "Create an organization",
    scope: "admin",
    isOperators: true,
    body: organizationRequest,
    response: organizationResponse,
    handle: async ({ body }) => {
      const organization = newOrganization(newId<"organization">(), now(), { name: body.name });
      await store.createOrganization({ organization });
      return organizationOf(organization);
    },
  });
}

function getOrganization(store: Store): Route {
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
      return organizationOf(found);
    },
  });
}

function renameOrganization(store: Store, { now }: Origin): Route {
  return route({
    method: "PATCH",
    path: "/organizations/:organization_id",
    operation: "updateOrganization",
    tag: "organizations",
    summary: "Rename an organization",
    scope: "admin",
    body: organizationRequest,
    response: organizationResponse,
    handle: async ({ caller, params, body }) => {
      const organizationId = visibleId(caller, params);
      const renamed = await store.updateOrganization({ organizationId, changes: { name: body.name }, now: now() });
      if (typeof renamed === "string") throw notFound(organizationKind.noun);
      return organizationOf(renamed);
    },
  });
}

function deleteOrganization(store: Store, { now }: Origin): Route {
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
      if (organizationId === first?.id || organizationId === operatorsOrganizationId) {
        throw new ApiError("bad_request", `${before.name} is a part of every installation and cannot be deleted.`);
      }
      if ((await store.deleteOrganization({ organizationId, now: now() })) === "in_use") {
        throw new ApiError(
          "bad_request",
          "The organization still has collections or subscriptions. Delete them first.",
        );
      }
      return organizationOf(before);
    },
  });
}

function visibleId(caller: Caller, params: Readonly<Record<string, string>>): OrganizationId {
  const id = idIn<"organization">(params, "organization_id", organizationKind);
  if (id !== caller.organizationId && !caller.isOperator) throw notFound(organizationKind.noun);
  return id;
}

function organizationOf(organization: Organization): z.input<typeof organizationResponse> {
  return {
    id: organization.id,
    name: organization.name,
    created_at: isoTime(organization.createdAt),
    modified_at: isoTime(organization.modifiedAt),
  };
}
