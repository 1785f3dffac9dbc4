import { z } from "zod";
import { hasScope, type Scope } from "../domain/api-key.ts";
import {
  type Destination,
  type DestinationKind,
  destinationKinds,
  hasSecretUrl,
  maskedUrl,
} from "../domain/destination.ts";
import { type Mistake, validationFailed } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import { ownProperty } from "../domain/own-property.ts";
import type { Subscription } from "../domain/subscription.ts";
import { parseTemplate } from "../domain/template.ts";
import type { SubscriptionChanges } from "../store/subscriptions/interface.ts";
import { keptText } from "./kept-text.ts";
import { isCredentialHeader, maskedValue } from "./subscription-headers.ts";
import { endpointUrl, mailUrl } from "./subscription-url.ts";

/** What decides which addresses a subscription may have. */
export interface AddressPolicy {
  readonly allowHttp: boolean;
  /** Null when this Weft sends no e-mail. */
  readonly mail: { readonly domains: readonly string[] } | null;
}

const template = keptText
  .min(1)
  .max(limits.templateLengthMax)
  .superRefine((text, context) => {
    const parsed = parseTemplate(text);
    if ("mistake" in parsed) context.addIssue({ code: "custom", message: parsed.mistake });
  })
  .nullable()
  .describe(
    "What a destination is told, with fields of the payload as `{{error}}` or `{{data.id}}`, and `{{event_type}}` and `{{message_id}}`. " +
      "An e-mail's first line is its subject. Null for a sentence of Weft's own.",
  );

const routingKey = z
  .string()
  .regex(/^[\w-]{1,128}$/, { error: "Expected the integration key of a PagerDuty service." })
  .describe("The integration key of a PagerDuty service; never shown again.");

export const destinationRequest = {
  destination: z
    .enum(destinationKinds)
    .nullish()
    .describe(
      "Tells people instead of sending webhooks. `slack` and `discord` take the URL of an incoming webhook, `pagerduty` that of the " +
        "Events API v2, such as `https://events.pagerduty.com/v2/enqueue`, and `email` one such as `mailto:ops@example.com`.",
    ),
  template: template.optional(),
  routing_key: routingKey.nullish(),
};

export const destinationChange = { template: template.optional(), routing_key: routingKey.nullish() };

export const destinationFields = {
  destination: z
    .enum(destinationKinds)
    .nullable()
    .describe(
      "Where people are told instead of sending webhooks; null for webhooks. Secret parts of its URL are `***`.",
    ),
  template: z.string().nullable().describe("What a destination is told; null for a sentence of Weft's own."),
};

interface Asked {
  readonly url: string;
  readonly destination?: DestinationKind | null | undefined;
  readonly template?: string | null | undefined;
  readonly routing_key?: string | null | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Where a new subscription leads. */
export interface Address {
  /** What requests go to; for a destination with a secret URL, the whole of it. */
  readonly leadsTo: string;
  /** What is shown of it. */
  readonly url: string;
  readonly destination: Destination | null;
  readonly destinationKey: string | null;
}

/** Throws a 422 for what does not go together. */
export function addressOf(asked: Asked, policy: AddressPolicy): Address {
  const kind = asked.destination ?? null;
  requireFitting(kind, asked);
  const destination = kind === null ? null : { kind, template: asked.template ?? null };
  const leadsTo = urlFor(kind, asked.url, policy);
  if (kind === "pagerduty" && typeof asked.routing_key !== "string") {
    throw validationFailed([mistake("routing_key", "PagerDuty needs the integration key of a service.")]);
  }
  return {
    leadsTo,
    destination,
    ...shownAndKept(kind, leadsTo),
    ...(kind === "pagerduty" && { destinationKey: asked.routing_key ?? null }),
  };
}

/** Of what a listener cannot have. */
export const noEndpoint = "A listener has none: its deliveries are handed to whoever is connected for it.";

/** What a new URL of a subscription changes, and where it leads; null when it is what the old one is shown as. */
export function movedTo(
  asked: Pick<Asked, "url" | "routing_key" | "headers">,
  before: Subscription,
  policy: AddressPolicy,
  scopes: readonly Scope[],
): { readonly leadsTo: string; readonly changes: SubscriptionChanges } | null {
  if (asked.url === before.url) return null;
  if (before.listenerHeardAt !== null) {
    throw validationFailed([{ loc: ["body", "url"], msg: noEndpoint, type: "listener" }]);
  }
  const kind = before.destination?.kind ?? null;
  const leadsTo = urlFor(kind, asked.url, policy);
  if (leadsTo === before.url) return null;
  // Who may change the URL may not know the key, and must not have it sent to himself.
  if (kind === "pagerduty" && typeof asked.routing_key !== "string") {
    throw validationFailed([mistake("routing_key", "A new URL needs the integration key again.")]);
  }
  if (new URL(leadsTo).origin !== new URL(before.url).origin) requireHeadersAgain(asked, before, scopes);
  const { destinationKey, ...shown } = shownAndKept(kind, leadsTo);
  return { leadsTo, changes: { ...shown, ...(destinationKey !== null && { destinationKey }) } };
}

// Nor must he who may not read what a header holds have it sent to a host of his own.
function requireHeadersAgain(
  { headers }: Pick<Asked, "headers">,
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

/** What the fields of a destination change. Throws a 422 for those that mean nothing to this one. */
export function destinationChanges(
  asked: Omit<Asked, "url" | "destination">,
  before: Subscription,
): SubscriptionChanges {
  requireFitting(before.destination?.kind ?? null, asked);
  return {
    ...(asked.template !== undefined && before.destination !== null && { template: asked.template }),
    ...(typeof asked.routing_key === "string" && { destinationKey: asked.routing_key }),
  };
}

function shownAndKept(kind: DestinationKind | null, leadsTo: string): Pick<Address, "url" | "destinationKey"> {
  const isSecret = kind !== null && hasSecretUrl(kind);
  return isSecret ? { url: maskedUrl(leadsTo), destinationKey: leadsTo } : { url: leadsTo, destinationKey: null };
}

function urlFor(kind: DestinationKind | null, url: string, { allowHttp, mail }: AddressPolicy): string {
  return kind === "email" ? mailUrl(url, mail?.domains ?? null) : endpointUrl(url, allowHttp);
}

function requireFitting(kind: DestinationKind | null, asked: Omit<Asked, "url" | "destination">): void {
  const mistakes: Mistake[] = [];
  if (kind === null && typeof asked.template === "string") {
    mistakes.push(
      mistake("template", "Only a destination has one: a webhook's body is the payload as it was accepted."),
    );
  }
  if (kind !== "pagerduty" && typeof asked.routing_key === "string") {
    mistakes.push(mistake("routing_key", "Only the destination pagerduty has one."));
  }
  if (kind === "email" && asked.headers !== undefined && Object.keys(asked.headers).length > 0) {
    mistakes.push(mistake("headers", "An e-mail has none of a subscription's own."));
  }
  if (mistakes.length > 0) throw validationFailed(mistakes);
}

function mistake(field: string, msg: string): Mistake {
  return { loc: ["body", field], msg, type: "destination" };
}
