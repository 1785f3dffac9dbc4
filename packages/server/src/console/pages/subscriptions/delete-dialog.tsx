import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { SubscriptionDetail } from "@weft/sdk";
import { useState } from "react";
import { useSubscriptionsChanged } from "../../api/subscriptions.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { showDone } from "../../ui/toast.tsx";

export interface SubscriptionDialogProps {
  readonly subscription: SubscriptionDetail;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Deletes a subscription after its host was typed, because this cannot be undone. */
export function DeleteDialog({ subscription, open, onClose }: SubscriptionDialogProps) {
  const { weft } = useApi();
  const navigate = useNavigate();
  const changed = useSubscriptionsChanged();
  const [typed, setTyped] = useState("");
  // A listener has a name in place of a URL.
  const host = (URL.canParse(subscription.url) && new URL(subscription.url).host) || subscription.url;
  const remove = useMutation({
    mutationFn: () => weft.webhooks.deleteSubscription(subscription.id),
    onSuccess: async () => {
      showDone(texts.subscriptions.remove.done);
      await navigate({ to: "/subscriptions" });
      await changed();
    },
  });
  const { remove: words } = texts.subscriptions;
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={words.title}
      lead={words.lead}
      action={words.submit}
      danger
      disabled={typed.trim() !== host}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    >
      <TextField label={words.confirm(host)} value={typed} onChange={setTyped} mono />
    </Confirm>
  );
}
