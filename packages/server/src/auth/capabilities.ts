import { type Scope, scopes } from "../domain/api-key.ts";

/** The capabilities of an application's token, named as in Svix's SDKs. */
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
  // Weft has none of these to manage.
  ManageTransformations: [],
  // It is finer than any scope; the routes that accept it name it.
  CreateAttempts: [],
  ManageEndpoint: ["write", "secrets"],
};

export function scopesWith(given: readonly Capability[]): Scope[] {
  return [...new Set(given.flatMap((capability) => scopesOfCapability[capability]))];
}

/**
 * The scopes that capabilities grant in Weft's own API. Its scopes are wider, so that a token receives a scope only with all
 * capabilities that the scope implies for webhooks.
 */
export function ownScopesWith(given: readonly Capability[]): Scope[] {
  return scopes.filter((scope) => {
    const needed = neededForOwnScope[scope];
    return needed.length > 0 && needed.every((capability) => given.includes(capability));
  });
}

/**
 * The capabilities that a token must have for a scope of Weft's own API. A scope without capabilities cannot be granted to
 * tokens.
 */
export const neededForOwnScope: Readonly<Record<Scope, readonly Capability[]>> = {
  read: ["ViewBase"],
  write: ["ViewBase", "ManageEndpoint", "CreateAttempts"],
  secrets: ["ViewBase", "ViewEndpointSecret", "ManageEndpointSecret"],
  subscribe: [],
  publish: [],
  admin: [],
};
