import { targetRules } from "../delivery/targets/target-kinds.ts";
import type { AddressPolicy, StoredAddress, TargetField } from "../delivery/targets/target-rules.ts";
import { hasScope, type Scope } from "../domain/api-key.ts";
import { isCredentialHeader, maskedValue } from "../domain/credential-headers.ts";
import { type Mistake, validationFailed } from "../domain/errors.ts";
import { ownProperty } from "../domain/own-property.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { AlertKind, Target, TargetKind } from "../domain/target.ts";
import type { SubscriptionChanges } from "../store/subscriptions/interface.ts";

/** The fields of a request that depend on the kind of its target. Fields that are absent are not set. */
export interface TargetFields {
  readonly template?: string | null | undefined;
  readonly routingKey?: string | null | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly ordered?: boolean | undefined;
  readonly sendsTraceContext?: boolean | undefined;
  readonly rateLimit?: number | null | undefined;
}

/** The target of a new subscription. */
export interface NewTarget {
  readonly target: Target;
  readonly credential: string | null;
  /** The complete URL of requests; null when a request cannot check it. */
  readonly checkableUrl: string | null;
}

/** Throws a 422 for fields that the kind of target does not have or needs. */
export function newTarget(
  given: TargetFields & { readonly url: string; readonly destination?: AlertKind | null | undefined },
  policy: AddressPolicy,
): NewTarget {
  const kind = given.destination ?? "webhook";
  requireFields(kind, given);
  const { url, credential, checkableUrl } = addressIn(kind, given, policy);
  const target: Target = kind === "webhook" ? { kind, url } : { kind, url, template: given.template ?? null };
  return { target, credential, checkableUrl };
}

interface MovedTarget {
  readonly checkableUrl: string | null;
  readonly changes: SubscriptionChanges;
}

/** The changes for a new URL of a subscription. Null when the URL is the one that is shown for the current address. */
export function movedTarget(
  given: Pick<TargetFields, "routingKey" | "headers"> & { readonly url: string },
  before: Subscription,
  policy: AddressPolicy,
  scopes: readonly Scope[],
): MovedTarget | null {
  const { kind, url: urlBefore } = before.target;
  if (given.url === urlBefore) return null;
  const requestUrl = targetRules[kind].urlOf(given.url, policy);
  if (requestUrl === urlBefore) return null;
  const { url, credential, checkableUrl } = addressIn(kind, given, policy);
  if (new URL(requestUrl).origin !== new URL(urlBefore).origin) requireHeadersAgain(given, before, scopes);
  return { checkableUrl, changes: { url, ...(credential !== null && { credential }) } };
}

interface Address extends StoredAddress {
  readonly checkableUrl: string | null;
}

// A caller who may change the URL may not know the routing key, and must not get it by changing the URL.
function addressIn(
  kind: TargetKind,
  given: { readonly url: string; readonly routingKey?: string | null | undefined },
  policy: AddressPolicy,
): Address {
  const { urlOf, storedAddress, routingKeyMissing, isCheckable } = targetRules[kind];
  const requestUrl = urlOf(given.url, policy);
  const routingKey = given.routingKey ?? null;
  if (routingKeyMissing !== null && routingKey === null) {
    throw validationFailed([mistake("routing_key", routingKeyMissing)]);
  }
  return { ...storedAddress(requestUrl, routingKey), checkableUrl: isCheckable ? requestUrl : null };
}

// A caller without the scope for secrets must not get the value of a header by sending it to another host.
function requireHeadersAgain(
  { headers }: Pick<TargetFields, "headers">,
  before: Subscription,
  scopes: readonly Scope[],
): void {
  if (hasScope(scopes, "secrets")) return;
  const kept = Object.keys(before.headers).filter(
    (name) => isCredentialHeader(name) && (headers === undefined || ownProperty(headers, name) === maskedValue),
  );
  if (kept.length === 0) return;
  const msg = `A URL at another host needs the value of ${kept.join(" and ")} again, or a key with the scope "secrets".`;
  throw validationFailed([mistake("headers", msg)]);
}

/** The changes for the fields of a target. Throws a 422 for fields that its kind does not have. */
export function targetChanges(given: TargetFields, { target }: Subscription): SubscriptionChanges {
  requireFields(target.kind, given);
  return {
    ...(given.template !== undefined &&
      !("template" in targetRules[target.kind].refusedFields) && {
        template: given.template,
      }),
    ...(typeof given.routingKey === "string" && { credential: given.routingKey }),
  };
}

/** Throws a 422 for fields that have no meaning for this kind of target. */
function requireFields(kind: TargetKind, given: TargetFields): void {
  const { refusedFields } = targetRules[kind];
  const values: readonly [TargetField, isGiven: boolean][] = [
    ["template", typeof given.template === "string"],
    ["routing_key", typeof given.routingKey === "string"],
    ["headers", given.headers !== undefined && Object.keys(given.headers).length > 0],
    ["ordered", given.ordered !== undefined],
    ["rate_limit", typeof given.rateLimit === "number"],
    ["send_trace_context", given.sendsTraceContext === true],
  ];
  const mistakes = values.flatMap(([field, isGiven]) => {
    const reason = refusedFields[field];
    return isGiven && reason !== undefined ? [mistake(field, reason)] : [];
  });
  if (mistakes.length > 0) throw validationFailed(mistakes);
}

function mistake(field: TargetField, msg: string): Mistake {
  return { loc: ["body", field], msg, type: "target" };
}
