import { parseId } from "../../domain/id.ts";
import { operatorsOrganizationId } from "../../domain/operational-event.ts";
import type { Organization } from "../../domain/organization.ts";
import { notFound } from "../../http/ids.ts";
import type { RouteRequest } from "../../http/route.ts";
import type { Store } from "../../store/store.ts";

export type PathRequest = Pick<RouteRequest<unknown, unknown>, "caller" | "params">;
export type Organizations = Pick<Store, "readOrganization" | "findOrganization">;

/**
 * The application in a path, by its id in either spelling or by its uid. Null when it does not exist, and when it is not the
 * one of an application's own token.
 */
export async function findApplication(
  store: Organizations,
  { caller, params }: PathRequest,
): Promise<Organization | null> {
  const named = params.app_id ?? "";
  const organizationId = parseId<"organization">("app", named);
  const found =
    organizationId === null
      ? await store.findOrganization({ uid: named })
      : await store.readOrganization({ organizationId });
  if (found?.id === operatorsOrganizationId) return null;
  return caller.isOperator || found?.id === caller.organizationId ? found : null;
}

/** Returns the application of a path; throws a 404 if it does not exist. */
export async function applicationIn(store: Organizations, request: PathRequest): Promise<Organization> {
  const found = await findApplication(store, request);
  if (found === null) throw notFound("Entity");
  return found;
}
