// A destination is a service that notifies people. A subscription with a destination sends it a notice, a sentence about the
// message, instead of a webhook. Its deliveries are the same in every other respect.

export const destinationKinds = ["slack", "discord", "pagerduty", "email"] as const;
export type DestinationKind = (typeof destinationKinds)[number];

export interface Destination {
  readonly kind: DestinationKind;
  /** A template for the notice, with the syntax of `template.ts`; null for Weft's own sentences. */
  readonly template: string | null;
}

/** A destination with its credential. */
export interface OpenDestination extends Destination {
  /** The complete URL of a Slack or Discord webhook, or a PagerDuty routing key; null for e-mail. */
  readonly key: string | null;
}

/** Whether the URL itself authorizes its user to post, so that it is stored as a secret. */
export function hasSecretUrl(kind: DestinationKind): boolean {
  return kind === "slack" || kind === "discord";
}

/** A secret URL in the form that can be shown: its host and the first part of its path. */
export function maskedUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  const [first = "", ...more] = pathname.split("/").filter((part) => part !== "");
  return more.length === 0 ? `${origin}/***` : `${origin}/${first}/***`;
}

/** The documented rate limit of one webhook (deliveries per second); null when the service documents none. */
export const takenASecond: Readonly<Record<DestinationKind, number | null>> = {
  // Source: https://docs.slack.dev/apis/web-api/rate-limits
  slack: 1,
  // Five in two seconds. Source: https://discord.com/developers/docs/topics/rate-limits
  discord: 2,
  pagerduty: null,
  email: null,
};

/** Whether notices must arrive in order: an incident is opened, then resolved. */
export function needsOrder(kind: DestinationKind): boolean {
  return kind === "pagerduty";
}
