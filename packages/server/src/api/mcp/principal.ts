import type { Caller } from "../../auth/caller.ts";

/**
 * Identifies the credential of a caller in agents' subscriptions and confirmations. It survives the rotation of the key, and the
 * next access token. Null for credentials that neither expire soon nor can be revoked on their own.
 */
export function principalOf({ actor, organizationId }: Caller, needsNoKey: boolean): string | null {
  if ((actor.kind === "api_key" || actor.kind === "person") && actor.id !== null)
    return `${organizationId}:${actor.id}`;
  return actor.kind === "anonymous" && needsNoKey ? "dev" : null;
}
