import { hasScope, type Scope } from "../domain/api-key.ts";
import { ApiError } from "../domain/errors.ts";
import { type Caller, operatesNamespace } from "./caller.ts";
import type { Capability } from "./capabilities.ts";

/** The rights that a route requires. The table in docs/operate/security.md is generated from them, and the server enforces them. */
export interface Access {
  /** All of these scopes are required; none for routes that any authenticated caller may use. */
  readonly scopes: readonly Scope[];
  /** Whether only the operator may call. */
  readonly isOperators: boolean;
  /** Whether also an organization's token may, of whose namespace alone the route then shows and changes objects. */
  readonly isNamespaces: boolean;
  /**
   * The requirement for an application's own token: the scopes that its capabilities grant, one of these capabilities instead,
   * or more than such a token can have.
   */
  readonly appTokens: "by_scope" | "never" | readonly Capability[];
  /** Additional requirements of some calls. */
  readonly also: readonly Condition[];
}

/** A further right, required by calls that request more than others of the same route. */
export interface Condition<Query = unknown, Body = unknown> {
  /** The condition in the documentation, where it follows "when". */
  readonly when: string;
  readonly scope?: Scope;
  readonly isOperators?: true;
  readonly applies: (request: ConditionRequest<Query, Body>) => boolean;
}

interface ConditionRequest<Query = unknown, Body = unknown> {
  readonly query: Query;
  readonly body: Body;
}

/** Throws a 403 if the caller may not use the route. */
export function requireAccess(caller: Caller, access: Access | null): void {
  if (access === null) return;
  requireScopes(caller, access);
  if (access.isOperators && !(access.isNamespaces && operatesNamespace(caller))) requireOperator(caller);
}

/** Throws a 403 for callers who do not operate the applications of a namespace. */
export function requireApplicationsOperator(caller: Caller): void {
  if (!operatesNamespace(caller)) requireOperator(caller);
}

function requireScopes(caller: Caller, { scopes, appTokens }: Access): void {
  const { appToken } = caller;
  if (appToken === null || appTokens === "by_scope") {
    for (const scope of scopes) requireScope(caller, scope);
    return;
  }
  if (appTokens === "never") {
    throw missing("An application's token opens the webhooks of its application. Use an API key for anything else.");
  }
  if (appTokens.some((capability) => appToken.capabilities.includes(capability))) return;
  throw missing(`This token lacks the capability ${appTokens.join(" or ")}.`);
}

/** Throws a 403 if the caller may use the route, but may not request this. */
export function requireConditions(caller: Caller, access: Access | null, request: ConditionRequest): void {
  for (const { scope, isOperators, applies } of access?.also ?? []) {
    if (!applies(request)) continue;
    if (isOperators === true) requireOperator(caller);
    if (scope !== undefined) requireScope(caller, scope);
  }
}

/** Throws a 403 for everyone but the operator. */
export function requireOperator({ isOperator }: Caller): void {
  if (isOperator) return;
  throw missing(
    "Only the operator may do this. Use an admin key of the first organization, or the token of `weft tokens create`.",
  );
}

function requireScope(caller: Caller, needed: Scope): void {
  if (hasScope(caller.scopes, needed)) return;
  throw missing(`This ${credentialOf(caller)} lacks the scope "${needed}". Use a key that has it.`);
}

function credentialOf({ appToken, session, actor }: Caller): string {
  if (session !== null) return "session";
  return appToken !== null || actor.kind === "person" ? "token" : "API key";
}

function missing(detail: string): ApiError {
  return new ApiError("scope_missing", detail);
}
