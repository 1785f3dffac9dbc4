import { hasScope, type Scope } from "../../domain/account.ts";
import { ApiError } from "../../domain/errors.ts";
import type { Caller } from "../route.ts";

/** What an application's token may allow, in the words of Svix' SDKs. */
export const capabilities = [
  "ViewBase",
  "ViewEndpointSecret",
  "ManageEndpointSecret",
  "ManageTransformations",
  "CreateAttempts",
  "ManageEndpoint",
] as const;
export type Capability = (typeof capabilities)[number];

const scopesOfCapability: Record<Capability, readonly Scope[]> = {
  ViewBase: ["read"],
  ViewEndpointSecret: ["secrets"],
  ManageEndpointSecret: ["secrets"],
  // There are none here to manage.
  ManageTransformations: [],
  // Finer than any scope: its routes ask for it themselves.
  CreateAttempts: [],
  ManageEndpoint: ["write", "secrets"],
};

export function scopesWith(given: readonly Capability[]): Scope[] {
  return [...new Set(given.flatMap((capability) => scopesOfCapability[capability]))];
}

/**
 * What they allow in Weft's own API, whose scopes are wider: a scope is given only to those who may do all that it allows
 * with webhooks there.
 */
export function ownScopesWith(given: readonly Capability[]): Scope[] {
  const mayAll = (...needed: readonly Capability[]) => needed.every((capability) => given.includes(capability));
  const allowed: readonly [Scope, boolean][] = [
    ["read", mayAll("ViewBase")],
    ["write", mayAll("ViewBase", "ManageEndpoint", "CreateAttempts")],
    ["secrets", mayAll("ViewBase", "ViewEndpointSecret", "ManageEndpointSecret")],
  ];
  return allowed.flatMap(([scope, isAllowed]) => (isAllowed ? [scope] : []));
}

/** Throws a 403 for one who may not have anything sent again: a token without the right, a key without the scope. */
export function requireCreateAttempts(caller: Caller, scope: Scope): void {
  const isAllowed =
    caller.appToken === null
      ? hasScope(caller.scopes, scope)
      : caller.appToken.capabilities.includes("CreateAttempts" satisfies Capability);
  if (isAllowed) return;
  throw new ApiError("scope_missing", `This needs the capability CreateAttempts, or a key with the scope "${scope}".`);
}

/** Throws a 403 for a token that may only see secrets. Keys have the scope for both. */
export function requireManageSecrets({ appToken }: Caller): void {
  const allowing: readonly Capability[] = ["ManageEndpointSecret", "ManageEndpoint"];
  if (appToken === null || allowing.some((capability) => appToken.capabilities.includes(capability))) return;
  throw new ApiError("scope_missing", "This token may see secrets, and lacks the capability ManageEndpointSecret.");
}
