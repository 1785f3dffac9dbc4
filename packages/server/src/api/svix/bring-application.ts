import type { z } from "zod";
import { requireApplicationsOperator } from "../../auth/access.ts";
import { validationFailed } from "../../domain/errors.ts";
import { parseId } from "../../domain/id.ts";
import type { Organization } from "../../domain/organization.ts";
import { notFound } from "../../http/ids.ts";
import { uid } from "../own-fields.ts";
import { applicationIn, findApplication, namespaceOf, type PathRequest } from "./application-in-path.ts";
import { type ApplicationParts, type applicationRequest, changesOf, newApplication } from "./applications.ts";

/** The application in the path, or the one that the request contains, which is then created. */
export async function bringApplication(
  { store, organizations, origin }: ApplicationParts,
  request: PathRequest,
  application: z.output<typeof applicationRequest> | null | undefined,
): Promise<Organization> {
  const known = await findApplication(store, request);
  if (known !== null) return known;
  const named = request.params.app_id ?? "";
  if (application === undefined || application === null || parseId("app", named) !== null) throw notFound("Entity");
  requireApplicationsOperator(request.caller);
  if (application.uid !== named) {
    const msg = `The uid of an application in the body must be the one in the path: ${named}.`;
    const type = application.uid === null ? "application_uid_missing" : "application_uid_mismatch";
    throw validationFailed([{ loc: ["body", "application", "uid"], msg, type }]);
  }
  if (!uid.safeParse(named).success) throw notFound("Entity");
  const made = newApplication(origin, await namespaceOf(store, request.caller), changesOf(application));
  await organizations.create(made);
  return await applicationIn(store, request);
}
