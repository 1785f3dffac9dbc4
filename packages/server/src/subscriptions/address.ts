import { hasScope, type Scope } from "../domain/api-key.ts";
import { type Destination, type DestinationKind, hasSecretUrl, maskedUrl } from "../domain/destination.ts";
import { type Mistake, validationFailed } from "../domain/errors.ts";
import { ownProperty } from "../domain/own-property.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { SubscriptionChanges } from "../store/subscriptions/interface.ts";
import { endpointUrl, mailUrl } from "./endpoint-url.ts";
import { isCredentialHeader, maskedValue } from "./own-headers.ts";

/** The operator's rules for the URLs of subscriptions. */
export interface AddressPolicy {
  readonly allowHttp: boolean;
  /** Null when this Weft sends no e-mail. */
  readonly mail: { readonly domains: readonly string[] } | null;
}

interface AddressFields {
  readonly destination?: DestinationKind | null | undefined;
  readonly template?: string | null | undefined;
  readonly routingKey?: string | null | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The address of a new subscription. */
export interface Address {
  /** Requests go to this URL. */
  readonly requestUrl: string;
  /** The URL as it is shown: secret parts are masked. */
  readonly url: string;
  readonly destination: Destination | null;
  readonly destinationKey: string | null;
}

/** Throws a 422 for fields that do not go together. */
export function addressOf(given: AddressFields & { readonly url: string }, policy: AddressPolicy): Address {
  const kind = given.destination ?? null;
  requireFitting(kind, given);
  const destination = kind === null ? null : { kind, template: given.template ?? null };
  const requestUrl = urlFor(kind, given.url, policy);
  if (kind === "pagerduty" && typeof given.routingKey !== "string") {
    throw validationFailed([mistake("routing_key", "PagerDuty needs the integration key of a service.")]);
  }
  return {
    requestUrl,
    destination,
    ...shownAndKept(kind, requestUrl),
    ...(kind === "pagerduty" && { destinationKey: given.routingKey ?? null }),
  };
}

/** The mistake of fields that a listener cannot have. */
export const noEndpoint = "A listener has no endpoint: its deliveries go to the program that is connected for it.";

interface MovedAddress {
  readonly requestUrl: string;
  readonly changes: SubscriptionChanges;
}

/** The changes for a new URL of a subscription. Null when the URL is the one that is shown for the current address. */
export function movedTo(
  given: Pick<AddressFields, "routingKey" | "headers"> & { readonly url: string },
  before: Subscription,
  policy: AddressPolicy,
  scopes: readonly Scope[],
): MovedAddress | null {
  if (given.url === before.url) return null;
  if (before.listenerHeardAt !== null) {
    throw validationFailed([{ loc: ["body", "url"], msg: noEndpoint, type: "listener" }]);
  }
  const kind = before.destination?.kind ?? null;
  const requestUrl = urlFor(kind, given.url, policy);
  if (requestUrl === before.url) return null;
  // A caller who may change the URL may not know the key, and must not get it by changing the URL.
  if (kind === "pagerduty" && typeof given.routingKey !== "string") {
    throw validationFailed([mistake("routing_key", "A new URL needs the integration key again.")]);
  }
  if (new URL(requestUrl).origin !== new URL(before.url).origin) requireHeadersAgain(given, before, scopes);
  const { destinationKey, ...shown } = shownAndKept(kind, requestUrl);
  return { requestUrl, changes: { ...shown, ...(destinationKey !== null && { destinationKey }) } };
}

// A caller without the scope for secrets must not get the value of a header by sending it to another host.
function requireHeadersAgain(
  { headers }: Pick<AddressFields, "headers">,
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

/** The changes for the fields of a destination. Throws a 422 for fields that this kind of destination does not have. */
export function destinationChanges(
  given: Omit<AddressFields, "destination">,
  before: Subscription,
): SubscriptionChanges {
  requireFitting(before.destination?.kind ?? null, given);
  return {
    ...(given.template !== undefined && before.destination !== null && { template: given.template }),
    ...(typeof given.routingKey === "string" && { destinationKey: given.routingKey }),
  };
}

function shownAndKept(kind: DestinationKind | null, requestUrl: string): Pick<Address, "url" | "destinationKey"> {
  const isSecret = kind !== null && hasSecretUrl(kind);
  return isSecret
    ? { url: maskedUrl(requestUrl), destinationKey: requestUrl }
    : { url: requestUrl, destinationKey: null };
}

function urlFor(kind: DestinationKind | null, url: string, { allowHttp, mail }: AddressPolicy): string {
  return kind === "email" ? mailUrl(url, mail?.domains ?? null) : endpointUrl(url, allowHttp);
}

function requireFitting(kind: DestinationKind | null, given: Omit<AddressFields, "destination">): void {
  const mistakes: Mistake[] = [];
  if (kind === null && typeof given.template === "string") {
    mistakes.push(
      mistake("template", "Only alerts have a template: the body of a webhook is the payload as accepted."),
    );
  }
  if (kind !== "pagerduty" && typeof given.routingKey === "string") {
    mistakes.push(mistake("routing_key", "Only the destination pagerduty has a routing key."));
  }
  if (kind === "email" && given.headers !== undefined && Object.keys(given.headers).length > 0) {
    mistakes.push(mistake("headers", "An e-mail has no headers of a subscription's own."));
  }
  if (mistakes.length > 0) throw validationFailed(mistakes);
}

function mistake(field: string, msg: string): Mistake {
  return { loc: ["body", field], msg, type: "destination" };
}
