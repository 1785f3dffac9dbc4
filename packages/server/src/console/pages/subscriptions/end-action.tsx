import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { SubscriptionDetail } from "@weft/sdk";
import { useState } from "react";
import { useSubscriptionsChanged } from "../../api/subscriptions.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { showDone } from "../../ui/toast.tsx";

/** The only action on a subscription that an agent made. */
export function EndAction({ subscription }: { subscription: SubscriptionDetail }) {
  const [isOpen, setOpen] = useState(false);
  const { weft } = useApi();
  const navigate = useNavigate();
  const changed = useSubscriptionsChanged();
  const { end: words } = texts.subscriptions;
  const end = useMutation({
    mutationFn: () => weft.webhooks.deleteSubscription(subscription.id),
    onSuccess: async () => {
      showDone(words.done);
      await navigate({ to: "/subscriptions" });
      await changed();
    },
  });
  return (
    <>
      <Button kind="danger" onPress={() => setOpen(true)}>
        {words.action}
      </Button>
      <Confirm
        open={isOpen}
        onClose={() => setOpen(false)}
        title={words.title}
        lead={words.lead}
        action={words.submit}
        danger
        busy={end.isPending}
        error={end.error}
        onConfirm={() => end.mutate()}
      />
    </>
  );
}
