// The target of a subscription is the place that its deliveries go to. `delivery/targets/` has the rules of each kind.

/** Services that notify people. They are sent a notice, a sentence about the message, instead of the payload. */
export const alertKinds = ["slack", "discord", "pagerduty", "email"] as const;
export type AlertKind = (typeof alertKinds)[number];

export const targetKinds = ["webhook", "listener", ...alertKinds] as const;
export type TargetKind = (typeof targetKinds)[number];

/** `url` is in the form that can be shown: secret parts are masked. */
export type Target = WebhookTarget | ListenerTarget | AlertTarget;

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

export interface AlertTarget {
  readonly kind: AlertKind;
  readonly url: string;
  /** A template for the notice, with the syntax of `template.ts`; null for Weft's own sentences. */
  readonly template: string | null;
}

export function isAlert(target: Target): target is AlertTarget {
  return target.kind !== "webhook" && target.kind !== "listener";
}
