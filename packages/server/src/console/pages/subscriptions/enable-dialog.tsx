import { useMutation } from "@tanstack/react-query";
import type { UpdateSubscriptionBody } from "@weft/sdk";
import { useState } from "react";
import { useSubscriptionsChanged } from "../../api/subscriptions.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { type TimeWindow, windowQuery } from "../../time-window.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { Checkbox } from "../../ui/field.tsx";
import { showDone } from "../../ui/toast.tsx";
import { WindowFilter } from "../../ui/window-filter.tsx";
import type { SubscriptionDialogProps } from "./delete-dialog.tsx";
import { MissedCount } from "./missed-count.tsx";

/** Enables a subscription, and resends missed events on request, with their count shown first. */
export function EnableDialog({ subscription, open, onClose }: SubscriptionDialogProps) {
  const [recovers, setRecovers] = useState(true);
  const [missed, setMissed] = useState<TimeWindow>({ since: "24h" });
  const enable = useChange(subscription.id, texts.subscriptions.enable.done, onClose);
  const { enable: words } = texts.subscriptions;
  function confirm(): void {
    const { since } = windowQuery(missed, Date.now());
    enable.mutate({ disabled: false, ...(recovers && since !== undefined && { recover_since: since }) });
  }
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={words.title}
      lead={words.lead}
      action={words.submit}
      busy={enable.isPending}
      error={enable.error}
      onConfirm={confirm}
    >
      <Checkbox label={words.recover} checked={recovers} onChange={setRecovers} />
      {recovers && (
        <>
          <WindowFilter
            label={words.since}
            value={missed}
            onChange={({ since }) => setMissed({ since })}
            mayBeOpen={false}
          />
          <MissedCount subscriptionId={subscription.id} window={missed} />
        </>
      )}
    </Confirm>
  );
}

export function DisableDialog({ subscription, open, onClose }: SubscriptionDialogProps) {
  const disable = useChange(subscription.id, texts.subscriptions.disable.done, onClose);
  const { disable: words } = texts.subscriptions;
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={words.title}
      lead={words.lead}
      action={words.submit}
      busy={disable.isPending}
      error={disable.error}
      onConfirm={() => disable.mutate({ disabled: true })}
    />
  );
}

function useChange(subscriptionId: string, done: string, onDone: () => void) {
  const { weft } = useApi();
  const changed = useSubscriptionsChanged();
  return useMutation({
    mutationFn: (body: UpdateSubscriptionBody) => weft.webhooks.updateSubscription(subscriptionId, body),
    onSuccess: async () => {
      await changed();
      showDone(done);
      onDone();
    },
  });
}
