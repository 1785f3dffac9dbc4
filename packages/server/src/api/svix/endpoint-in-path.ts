import { type Caller, operatesNamespace } from "../../auth/caller.ts";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import { operatorsOrganizationId } from "../../domain/operational-event.ts";
import { newOrganization } from "../../domain/organization.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { notFound } from "../../http/ids.ts";
import type { Origin } from "../../intake/intake.ts";
import type { Store } from "../../store/store.ts";
import type { SubscriptionKey } from "../../store/subscriptions/interface.ts";
import { applicationIn, type OrganizationLookUps, type PathRequest } from "./application-in-path.ts";

type Endpoints = OrganizationLookUps & Pick<Store, "readSubscription" | "findSubscription">;

/** The owner of the endpoints that a set of routes manages. */
export interface EndpointOwner {
  /** The description of the list. */
  readonly path: string;
  /** The prefix of operation ids. */
  readonly operation: string;
  readonly tag: string;
  /** Whether only the operator of the installation or of a namespace may call the routes. */
  readonly isOperators: boolean;
  /** The organization of the endpoints; throws when the caller has none. */
  readonly organizationOf: (store: OrganizationLookUps, request: PathRequest) => Promise<OrganizationId>;
  /** Like `organizationOf`, for a request that creates an endpoint: the organization is stored first if it does not exist. */
  readonly storedOrganizationOf: (parts: StoringParts, request: PathRequest) => Promise<OrganizationId>;
}

interface StoringParts {
  readonly store: OrganizationLookUps & Pick<Store, "createOrganization">;
  readonly origin: Origin;
}

/** An application's endpoints. */
export const ofApplication: EndpointOwner = {
  path: "/app/:app_id/endpoint",
  operation: "v1.endpoint",
  tag: "Endpoint",
  isOperators: false,
  organizationOf: async (store, request) => (await applicationIn(store, request)).id,
  storedOrganizationOf: async ({ store }, request) => (await applicationIn(store, request)).id,
};

/** The endpoints of the operators of the installation or of a namespace, which receive operational webhooks. */
export const ofOperators: EndpointOwner = {
  path: "/operational-webhook/endpoint",
  operation: "v1.operational-webhook.endpoint",
  tag: "Operational Webhook Endpoint",
  isOperators: true,
  organizationOf: async (_, { caller }) =>
    operatesNamespace(caller) ? caller.organizationId : operatorsOrganizationId,
  storedOrganizationOf: async (parts, { caller }) =>
    operatesNamespace(caller) ? await storedOperators(parts, caller) : operatorsOrganizationId,
};

/** The organization of the operators of a namespace. The first of concurrent requests stores it. */
async function storedOperators({ store, origin }: StoringParts, caller: Caller): Promise<OrganizationId> {
  const { organizationId, namespace } = caller;
  if ((await store.readOrganization({ organizationId })) === null) {
    const organization = newOrganization(organizationId, origin.now(), { name: `Operators of ${namespace}` });
    await store.createOrganization({ organization });
  }
  return organizationId;
}

export const endpointPath = "/app/:app_id/endpoint/:endpoint_id";
export const endpointTag = ofApplication.tag;

/** The endpoint of an application in a path, by its id in either spelling or by its uid. Null if it does not exist. */
export async function findEndpoint(
  store: Endpoints,
  organizationId: OrganizationId,
  named: string,
): Promise<Subscription | null> {
  const subscriptionId = parseId<"subscription">("ep", named);
  return subscriptionId === null
    ? await store.findSubscription({ organizationId, uid: named })
    : await store.readSubscription({ organizationId, subscriptionId });
}

/** The endpoint of a path's `:endpoint_id`; throws a 404 if it does not exist. */
export async function endpointIn(store: Endpoints, request: PathRequest, owner = ofApplication): Promise<Subscription> {
  const organizationId = await owner.organizationOf(store, request);
  const found = await findEndpoint(store, organizationId, request.params.endpoint_id ?? "");
  if (found === null) throw notFound("Entity");
  return found;
}

export function keyOf({ id, organizationId }: Subscription): SubscriptionKey {
  return { organizationId, subscriptionId: id };
}
