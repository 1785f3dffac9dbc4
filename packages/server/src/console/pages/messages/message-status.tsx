import type { Message } from "@weft/sdk";
import { texts } from "../../texts/texts.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { formatCount } from "../../ui/format.ts";
import { Line } from "../../ui/page.tsx";

// The worst state comes first: users look for it.
const shown: readonly (readonly [keyof Message["deliveries"], Tone])[] = [
  ["failed", "bad"],
  ["due", "info"],
  ["skipped", "warning"],
  ["cancelled", "quiet"],
  ["delivered", "good"],
];

/** The state of a message's deliveries. */
export function MessageStatus({ message: { deliveries } }: { message: Message }) {
  const { statuses } = texts.messages;
  const present = shown.filter(([state]) => deliveries[state] > 0);
  if (present.length === 0) return <Badge tone="quiet">{statuses.none}</Badge>;
  return (
    <Line>
      {present.map(([state, tone]) => (
        <Badge key={state} tone={tone}>
          {statuses[state]}
          {deliveries[state] > 1 && ` ${formatCount(deliveries[state])}`}
        </Badge>
      ))}
    </Line>
  );
}
