import { type Caller, mayActIn } from "../../auth/caller.ts";
import { parseId } from "../../domain/id.ts";
import { isOperatorsOrganization } from "../../domain/operational-event.ts";
import { defaultNamespace, type Organization } from "../../domain/organization.ts";
import { notFound } from "../../http/ids.ts";
import type { RouteRequest } from "../../http/route.ts";
import type { Store } from "../../store/store.ts";

export type PathRequest = Pick<RouteRequest<unknown, unknown>, "caller" | "params">;
export type OrganizationLookUps = Pick<Store, "readOrganization" | "findOrganization">;

/**
 * The application in a path, by its id in either spelling or by its uid. Null when it does not exist, and when it is not the
 * one of an application's own token.
 */
export async function findApplication(
  store: OrganizationLookUps,
  { caller, params }: PathRequest,
): Promise<Organization | null> {
  const named = params.app_id ?? "";
  const organizationId = parseId<"organization">("app", named);
  const found =
    organizationId === null
      ? await store.findOrganization({ namespace: await namespaceOf(store, caller), uid: named })
      : await store.readOrganization({ organizationId });
  return found !== null && !isOperatorsOrganization(found.id) && mayActIn(caller, found) ? found : null;
}

/** The namespace in which a caller names applications by their uid, and whose event types they see. */
export async function namespaceOf(store: Pick<Store, "readOrganization">, caller: Caller): Promise<string> {
  if (caller.namespace !== null) return caller.namespace;
  if (caller.isOperator) return defaultNamespace;
  return (await store.readOrganization({ organizationId: caller.organizationId }))?.namespace ?? defaultNamespace;
}

/** Returns the application of a path; throws a 404 if it does not exist. */
export async function applicationIn(store: OrganizationLookUps, request: PathRequest): Promise<Organization> {
  const found = await findApplication(store, request);
  if (found === null) throw notFound("Entity");
  return found;
}

/** The uid by which a path names the object: a request that replaces the object keeps it. */
export function uidInPath({ uid }: { readonly uid: string | null }, named: string | undefined): string | null {
  return uid === named ? uid : null;
}
