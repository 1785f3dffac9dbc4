import type { EventType } from "@weft/sdk";
import { texts } from "../../texts/texts.ts";
import { Badge } from "../../ui/badge.tsx";

export function EventTypeBadges({ type }: { type: Pick<EventType, "archived" | "deprecated"> }) {
  return (
    <>
      {type.archived && <Badge tone="quiet">{texts.eventTypes.archived}</Badge>}
      {type.deprecated && <Badge tone="warning">{texts.eventTypes.deprecated}</Badge>}
    </>
  );
}
