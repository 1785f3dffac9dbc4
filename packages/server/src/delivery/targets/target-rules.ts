import type { Trigger, UnreachableReason } from "../../domain/attempt.ts";
import type { MessageId, SubscriptionId } from "../../domain/id.ts";
import type { ReceiverAccess } from "../../domain/receiver-access.ts";
import type { SigningSecret } from "../../domain/subscription.ts";
import type { Target } from "../../domain/target.ts";
import type { RequestUrl } from "../../outbound/exchange.ts";
import type { Mail } from "../../outbound/mail-sender.ts";
import type { TlsIdentity } from "../../outbound/tls-identity.ts";

/** The rules of one kind of target. */
export interface TargetRules {
  /** The pace of a new subscription that states none. */
  readonly defaults: { readonly ordered: boolean; readonly rateLimit: number | null };
  /** The fields of `/v1` that have no meaning for this kind, with the reason. */
  readonly refusedFields: Readonly<Partial<Record<TargetField, string>>>;
  /** Set where a URL needs a routing key with it: the mistake of a request without one. */
  readonly routingKeyMissing: string | null;
  /** Whether an HTTP request to the URL shows that it is reachable. */
  readonly isCheckable: boolean;
  /** Returns the URL that requests go to, in its normal form. Throws a 422 for a URL that this kind cannot have. */
  urlOf(text: string, policy: AddressPolicy): string;
  /** Returns the parts of an address as they are stored. */
  storedAddress(url: string, routingKey: string | null): StoredAddress;
  /** Prepares a target once for many requests. */
  prepare(settings: TargetSettings): WriteRequest;
}

export type TargetField =
  | "url"
  | "template"
  | "routing_key"
  | "headers"
  | "ordered"
  | "rate_limit"
  | "send_trace_context";

/** The operator's rules for the URLs of subscriptions. */
export interface AddressPolicy {
  readonly allowHttp: boolean;
  /** Null when this Weft sends no e-mail; an empty list of domains allows all. */
  readonly mail: { readonly domains: readonly string[] } | null;
}

export interface StoredAddress {
  /** The URL in the form that can be shown. */
  readonly url: string;
  /** The secret part, which is encrypted at rest; null if the target has no secret. */
  readonly credential: string | null;
}

/** The settings of a subscription that its requests are written from. */
export interface TargetSettings {
  readonly target: Target;
  /** Null where the target needs none, and where the request is only shown. */
  readonly credential: string | null;
  /** The subscription's own headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Only webhooks have one. */
  readonly access: ReceiverAccess;
  readonly secrets: readonly SigningSecret[];
}

export interface OutgoingMessage {
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
  readonly eventType: string;
  readonly payload: string;
  /** Null for JSON. */
  readonly contentType: string | null;
  readonly trigger: Trigger;
}

/** Writes the request for one attempt. */
export type WriteRequest = (message: OutgoingMessage, attempt: StartedAttempt) => OutgoingRequest;

export interface StartedAttempt {
  /** Unix ms. */
  readonly at: number;
  readonly userAgent: string;
  /** The trace context to send, in its stored form; null to send none. */
  readonly traceContext: string | null;
}

export type OutgoingRequest =
  | {
      readonly kind: "http";
      readonly url: RequestUrl;
      /** Name, value, name, value … */
      readonly headers: readonly string[];
      readonly body: string;
      /** Null for connections that need no certificate of their own. */
      readonly tls?: TlsIdentity | null;
      /** Absent for the time limit of the installation. */
      readonly timeoutMs?: number;
    }
  | { readonly kind: "mail"; readonly mail: Mail }
  /** The target cannot receive this message. */
  | { readonly kind: "unsent"; readonly reason: UnreachableReason; readonly detail: string };

/** A subscription's own headers as name, value, name, value …, in lower case. */
export function flatHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [name.toLowerCase(), value]);
}

/** The reasons of `refusedFields` that several kinds share. */
export const refusals = {
  template: "Only alerts have a template: the body of a webhook is the payload as accepted.",
  send_trace_context: "Only webhooks send a trace context.",
  routing_key: "Only the destination pagerduty has a routing key.",
} as const;
