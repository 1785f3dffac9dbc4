import { type Scope, scopes } from "../domain/api-key.ts";

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
  // Finer than any scope: its routes name it.
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
  return scopes.filter((scope) => {
    const needed = neededForOwnScope[scope];
    return needed.length > 0 && needed.every((capability) => given.includes(capability));
  });
}

/** Capabilities of which a token needs all for a scope in Weft's own API; none for a scope that no token has. */
export const neededForOwnScope: Readonly<Record<Scope, readonly Capability[]>> = {
  read: ["ViewBase"],
  write: ["ViewBase", "ManageEndpoint", "CreateAttempts"],
  secrets: ["ViewBase", "ViewEndpointSecret", "ManageEndpointSecret"],
  publish: [],
  admin: [],
};
