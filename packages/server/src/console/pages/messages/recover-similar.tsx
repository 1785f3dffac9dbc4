import type { MessageDelivery, MessageWithAttempts } from "@weft/sdk";
import { useState } from "react";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { RecoverDialog } from "../recoveries/recover-dialog.tsx";
import { anyFailure } from "../recoveries/recovery-filter.ts";

interface RecoverSimilarProps {
  readonly message: MessageWithAttempts;
  readonly deliveries: readonly Pick<MessageDelivery, "state">[];
}

/** Recovers all failed deliveries of the message's event type, if one of the message's own has failed. */
export function RecoverSimilar({ message, deliveries }: RecoverSimilarProps) {
  const [isOpen, setOpen] = useState(false);
  const { event_type: type, timestamp } = message;
  // It stays open when the recovery has delivered the message itself.
  if (!isOpen && !deliveries.some(({ state }) => state === "failed")) return null;
  // A message that is older than the usual window begins a longer one.
  const window = { since: Date.parse(timestamp) < Date.now() - usualMs ? timestamp : "24h" };
  return (
    <>
      <Button size="small" onPress={() => setOpen(true)}>
        {texts.recoveries.openType(type)}
      </Button>
      {isOpen && (
        <RecoverDialog
          initial={{ ...anyFailure, window, eventTypes: [type], standings: ["failed"] }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

const usualMs = 24 * 60 * 60_000;
