import type { z } from "zod";
import { requireOperator } from "../../auth/access.ts";
import { validationFailed } from "../../domain/errors.ts";
import { parseId } from "../../domain/id.ts";
import { newOrganization, type Organization } from "../../domain/organization.ts";
import { notFound } from "../../http/ids.ts";
import { applicationIn, findApplication, type PathRequest } from "./application-in-path.ts";
import { type ApplicationParts, type applicationRequest, changesOf } from "./applications.ts";
import { uid } from "./texts.ts";

/** The application in the path, or the one that the request contains, which is then created. */
export async function bringApplication(
  { store, origin }: ApplicationParts,
  request: PathRequest,
  application: z.output<typeof applicationRequest> | null | undefined,
): Promise<Organization> {
  const known = await findApplication(store, request);
  if (known !== null) return known;
  const named = request.params.app_id ?? "";
  if (application === undefined || application === null || parseId("app", named) !== null) throw notFound("Entity");
  requireOperator(request.caller);
  if (application.uid !== null && application.uid !== named) {
    const msg = `It must be the one in the path: ${named}.`;
    throw validationFailed([{ loc: ["body", "application", "uid"], msg, type: "value_error" }]);
  }
  if (!uid.safeParse(named).success) throw notFound("Entity");
  const made = newOrganization(origin.newId<"organization">(), origin.now(), { ...changesOf(application), uid: named });
  await store.createOrganization({ organization: made });
  return await applicationIn(store, request);
}
