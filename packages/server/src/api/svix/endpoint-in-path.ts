import { type OrganizationId, parseId } from "../../domain/id.ts";
import { operatorsOrganizationId } from "../../domain/operational-event.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { notFound } from "../../http/ids.ts";
import type { Store } from "../../store/store.ts";
import type { SubscriptionKey } from "../../store/subscriptions/interface.ts";
import { type Asked, applicationIn, type Organizations } from "./application-in-path.ts";

type Endpoints = Organizations & Pick<Store, "readSubscription" | "findSubscription">;

/** Whose endpoints a set of routes is about. */
export interface EndpointOwner {
  /** Of the list. */
  readonly path: string;
  /** What the names of operations begin with. */
  readonly operation: string;
  readonly tag: string;
  /** Whether only the operator may call them. */
  readonly isOperators: boolean;
  /** The organization that the endpoints belong to; throws when there is none for the caller. */
  readonly organizationOf: (store: Organizations, asked: Asked) => Promise<OrganizationId>;
}

/** An application's endpoints. */
export const ofApplication: EndpointOwner = {
  path: "/app/:app_id/endpoint",
  operation: "v1.endpoint",
  tag: "Endpoint",
  isOperators: false,
  organizationOf: async (store, asked) => (await applicationIn(store, asked)).id,
};

/** The operators' own, which get operational webhooks. */
export const ofOperators: EndpointOwner = {
  path: "/operational-webhook/endpoint",
  operation: "v1.operational-webhook.endpoint",
  tag: "Operational Webhook Endpoint",
  isOperators: true,
  organizationOf: async () => operatorsOrganizationId,
};

export const endpointPath = "/app/:app_id/endpoint/:endpoint_id";
export const endpointTag = ofApplication.tag;

/** The endpoint of an application that a path names, by its id in either spelling or by its uid. Null when there is none. */
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

/** The endpoint that a path names by its `:endpoint_id`; throws a 404 when there is none. */
export async function endpointIn(store: Endpoints, asked: Asked, owner = ofApplication): Promise<Subscription> {
  const organizationId = await owner.organizationOf(store, asked);
  const found = await findEndpoint(store, organizationId, asked.params.endpoint_id ?? "");
  if (found === null) throw notFound("Entity");
  return found;
}

export function keyOf({ id, organizationId }: Subscription): SubscriptionKey {
  return { organizationId, subscriptionId: id };
}
