import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { UpdateSubscriptionBody } from "@weft/sdk";
import { subscriptionQuery, useSubscriptionsChanged } from "../../api/subscriptions.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Problem } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { showDone } from "../../ui/toast.tsx";
import { changeOf, draftOf } from "./subscription-draft.ts";
import { SubscriptionForm } from "./subscription-form.tsx";

export function EditSubscriptionPage() {
  const api = useApi();
  const { subscriptionId } = useParams({ from: "/subscriptions/$subscriptionId/edit" });
  const navigate = useNavigate();
  const changed = useSubscriptionsChanged();
  // Read once, so that changes by others do not alter the form while the user edits it.
  const { data, error } = useQuery({
    ...subscriptionQuery(api, subscriptionId),
    queryKey: [...api.scope, "edited subscription", subscriptionId],
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const here = { to: "/subscriptions/$subscriptionId", params: { subscriptionId } } as const;
  const save = useMutation({
    mutationFn: (body: UpdateSubscriptionBody) => api.weft.webhooks.updateSubscription(subscriptionId, body),
    onSuccess: async () => {
      await changed();
      showDone(texts.subscriptions.form.saved);
      await navigate(here);
    },
  });
  return (
    <Page
      title={texts.subscriptions.form.editTitle}
      above={<Link {...here}>{data?.url ?? texts.subscriptions.back}</Link>}
    >
      {error !== null && <Problem error={error} />}
      {data !== undefined && (
        <SubscriptionForm
          initial={draftOf(data)}
          subscriptionId={subscriptionId}
          submit={texts.common.save}
          busy={save.isPending}
          error={save.error}
          onSubmit={(draft) => save.mutate(changeOf(draft, data))}
          cancel={
            <Link {...here} className={buttonClass()}>
              {texts.common.cancel}
            </Link>
          }
        />
      )}
    </Page>
  );
}
