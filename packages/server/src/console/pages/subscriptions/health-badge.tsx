import type { Subscription } from "@weft/sdk";
import { texts } from "../../texts/texts.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";

const tones: Readonly<Record<Subscription["health_status"], Tone>> = {
  unknown: "quiet",
  healthy: "good",
  degraded: "warning",
  failing: "bad",
};

type Shown = Pick<Subscription, "disabled" | "disabled_reason" | "health_status">;

/** The health of a subscription, with its reason on hover and for screen readers. */
export function HealthBadge({ subscription }: { subscription: Shown }) {
  const { disabled, disabled_reason: reason, health_status: health } = subscription;
  const { health: words, healthReasons } = texts.subscriptions;
  if (disabled) {
    return (
      <Badge tone="quiet" title={reason ?? undefined}>
        {words.disabled}
      </Badge>
    );
  }
  return (
    <Badge tone={tones[health]} title={healthReasons[health]}>
      {words[health]}
    </Badge>
  );
}
