// The target of a subscription is the place that its deliveries go to. `delivery/targets/` has the rules of each kind.

import type { ApiKeyId } from "./id.ts";

/** Services that notify people. They are sent a notice, a sentence about the message, instead of the payload. */
export const alertKinds = ["slack", "discord", "pagerduty", "email"] as const;
export type AlertKind = (typeof alertKinds)[number];

export const targetKinds = ["webhook", "listener", "mcp", ...alertKinds] as const;
export type TargetKind = (typeof targetKinds)[number];

/** `url` is in the form that can be shown: secret parts are masked. */
export type Target = WebhookTarget | ListenerTarget | McpTarget | AlertTarget;

export interface WebhookTarget {
  readonly kind: "webhook";
  readonly url: string;
}

/** A program that keeps a connection open, receives the deliveries there and reports their outcomes. */
export interface ListenerTarget {
  readonly kind: "listener";
  readonly url: string;
  /** When a program was last connected (Unix ms). */
  readonly heardAt: number;
}

/** An agent's callback. It receives the events of one type, and the subscription ends unless the agent refreshes it. */
export interface McpTarget {
  readonly kind: "mcp";
  readonly url: string;
  /** The id under which the agent knows the subscription. */
  readonly mcpId: string;
  /** Identifies the credential of the agent. */
  readonly principal: string;
  /** Null where no key is required. */
  readonly keyId: ApiKeyId | null;
  /** Canonical JSON. */
  readonly arguments: string;
  /** Unix ms. */
  readonly expiresAt: number;
}

export interface AlertTarget {
  readonly kind: AlertKind;
  readonly url: string;
  /** A template for the notice, with the syntax of `template.ts`; null for Weft's own sentences. */
  readonly template: string | null;
}

export function isAlert(target: Target): target is AlertTarget {
  return target.kind !== "webhook" && target.kind !== "listener" && target.kind !== "mcp";
}
