// A destination is a service that tells people. A subscription that names one sends a notice there, a sentence about the
// message, instead of a webhook. Everything else of its deliveries is the same.

export const destinationKinds = ["slack", "discord", "pagerduty", "email"] as const;
export type DestinationKind = (typeof destinationKinds)[number];

export interface Destination {
  readonly kind: DestinationKind;
  /** What is written, by the rules of `template.ts`; null for Weft's own sentences. */
  readonly template: string | null;
}

/** A destination with what lets notices in there. */
export interface OpenDestination extends Destination {
  /** The whole URL of a Slack or Discord webhook, or a routing key of PagerDuty; null for e-mail. */
  readonly key: string | null;
}

/** Whether whoever knows the URL may write there, so that it is kept as a secret. */
export function hasSecretUrl(kind: DestinationKind): boolean {
  return kind === "slack" || kind === "discord";
}

/** A secret URL as it may be shown: with its host and what stands first behind it. */
export function maskedUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  const [first = "", ...more] = pathname.split("/").filter((part) => part !== "");
  return more.length === 0 ? `${origin}/***` : `${origin}/${first}/***`;
}

/** Deliveries a second that a service says it takes from one webhook; null where it says nothing. */
export const takenASecond: Readonly<Record<DestinationKind, number | null>> = {
  // Source: https://docs.slack.dev/apis/web-api/rate-limits
  slack: 1,
  // Five in two seconds. Source: https://discord.com/developers/docs/topics/rate-limits
  discord: 2,
  pagerduty: null,
  email: null,
};

/** Whether what is told later must not overtake what was told before: an incident is opened, then resolved. */
export function needsOrder(kind: DestinationKind): boolean {
  return kind === "pagerduty";
}
