import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { CreateSubscriptionBody } from "@weft/sdk";
import { useSubscriptionsChanged } from "../../api/subscriptions.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { showDone } from "../../ui/toast.tsx";
import { creationOf, emptyDraft } from "./subscription-draft.ts";
import { SubscriptionForm } from "./subscription-form.tsx";

/** Creates a subscription. Weft checks whether its endpoint responds, and a failure is shown next to the URL. */
export function NewSubscriptionPage() {
  const { weft } = useApi();
  const { types } = useSearch({ from: "/subscriptions/new" });
  const navigate = useNavigate();
  const changed = useSubscriptionsChanged();
  const create = useMutation({
    mutationFn: (body: CreateSubscriptionBody) => weft.webhooks.createSubscription(body),
    onSuccess: async ({ id }) => {
      await changed();
      showDone(texts.subscriptions.form.created);
      await navigate({ to: "/subscriptions/$subscriptionId", params: { subscriptionId: id } });
    },
  });
  return (
    <Page title={texts.subscriptions.form.newTitle} above={<Link to="/subscriptions">{texts.subscriptions.back}</Link>}>
      <SubscriptionForm
        initial={{ ...emptyDraft, eventTypes: types ?? [] }}
        subscriptionId={null}
        submit={texts.subscriptions.form.create}
        busy={create.isPending}
        error={create.error}
        onSubmit={(draft) => create.mutate(creationOf(draft))}
        cancel={
          <Link to="/subscriptions" className={buttonClass()}>
            {texts.common.cancel}
          </Link>
        }
      />
    </Page>
  );
}
