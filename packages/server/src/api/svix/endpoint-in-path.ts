import { type OrganizationId, parseId } from "../../domain/id.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { Store } from "../../store/store.ts";
import type { SubscriptionKey } from "../../store/subscription-store.ts";
import { notFound } from "../ids.ts";
import { type Asked, applicationIn, type Organizations } from "./application-in-path.ts";

export const endpointPath = "/app/:app_id/endpoint/:endpoint_id";
export const endpointTag = "Endpoint";

type Endpoints = Organizations & Pick<Store, "readSubscription" | "findSubscription">;

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

/** The endpoint that `/app/:app_id/endpoint/:endpoint_id` names; throws a 404 when there is none. */
export async function endpointIn(store: Endpoints, asked: Asked): Promise<Subscription> {
  const { id: organizationId } = await applicationIn(store, asked);
  const found = await findEndpoint(store, organizationId, asked.params.endpoint_id ?? "");
  if (found === null) throw notFound("Entity");
  return found;
}

export function keyOf({ id, organizationId }: Subscription): SubscriptionKey {
  return { organizationId, subscriptionId: id };
}
