import type { Organization } from "@weft/sdk";
import { texts } from "../texts/texts.ts";

/** The name of an organization; the first one of an installation may have none. */
export function organizationName({ name, id }: Pick<Organization, "name" | "id">): string {
  return name === "" ? `${texts.frame.unnamedOrganization} ${id.slice(0, 8)}` : name;
}
