import { createHash } from "node:crypto";
import type { OrganizationId } from "../domain/id.ts";

/**
 * The organization of the operators of a namespace, which follows from its name: a UUID of version 8, so that it differs from the
 * ids of all tenants. It is stored when they create their first operational webhook endpoint.
 */
export function namespaceOperatorsId(namespace: string): OrganizationId {
  const digits = createHash("sha256").update(`namespace ${namespace}`).digest("hex");
  const parts = [
    ...[digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`],
    ...[`8${digits.slice(17, 20)}`, digits.slice(20, 32)],
  ];
  return parts.join("-") as OrganizationId;
}
