import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { SubscriptionDetail } from "@weft/sdk";
import { useState } from "react";
import { useMay } from "../../api/session.tsx";
import { useSubscriptionsChanged } from "../../api/subscriptions.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Fields, Select } from "../../ui/field.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Notice, Problem } from "../../ui/notice.tsx";
import { Line, Quiet } from "../../ui/page.tsx";
import { useNow } from "../../ui/time.tsx";
import { showDone } from "../../ui/toast.tsx";

/** The signing secret: shown on request, and rotated with an overlap. */
export function SecretTab({ subscription }: { subscription: SubscriptionDetail }) {
  const mayReveal = useMay("secrets");
  const mayWrite = useMay("write");
  const [isRotating, setRotating] = useState(false);
  const { secret } = texts.subscriptions;
  return (
    <Card
      title={secret.title}
      term="signingSecret"
      actions={
        mayReveal &&
        mayWrite && (
          <Button size="small" onPress={() => setRotating(true)}>
            {secret.rotate}
          </Button>
        )
      }
    >
      <Fields>
        <p>
          {secret.lead}{" "}
          <Link
            to="/event-types/$name"
            params={{ name: subscription.filter_types.find((type) => !type.includes("*")) ?? "sync.completed" }}
            search={{ subscription: subscription.id }}
          >
            {secret.verify}
          </Link>
        </p>
        {mayReveal ? <Secret subscriptionId={subscription.id} /> : <Notice>{secret.needsScope}</Notice>}
        {subscription.secret_overlap_until !== null && <Overlap until={subscription.secret_overlap_until} />}
      </Fields>
      <RotateDialog subscription={subscription} open={isRotating} onClose={() => setRotating(false)} />
    </Card>
  );
}

function Secret({ subscriptionId }: { subscriptionId: string }) {
  const { weft, scope } = useApi();
  const [isShown, setShown] = useState(false);
  // Loaded only on request, and dropped when it is hidden.
  const { data, error } = useQuery({
    queryKey: [...scope, "subscription", subscriptionId, "secret"],
    queryFn: async ({ signal }) =>
      (await weft.webhooks.getSubscription(subscriptionId, { include_secret: true }, { signal })).secret,
    enabled: isShown,
    gcTime: 0,
  });
  const { secret } = texts.subscriptions;
  if (error !== null) return <Problem error={error} />;
  return (
    <Line>
      {isShown && data !== undefined && data !== null ? <code>{data}</code> : <Quiet>{secret.hidden}</Quiet>}
      {isShown && typeof data === "string" && <CopyButton text={data} label={secret.copy} />}
      <Button size="small" onPress={() => setShown(!isShown)}>
        {isShown ? secret.hide : secret.reveal}
      </Button>
    </Line>
  );
}

/** Counts down the time in which the previous secret also signs. */
function Overlap({ until }: { until: string }) {
  const leftMs = Date.parse(until) - useNow();
  if (leftMs <= 0) return null;
  return (
    <Notice tone="warning">
      {texts.subscriptions.secret.overlapping} {formatDuration(leftMs)}
    </Notice>
  );
}

interface RotateDialogProps {
  readonly subscription: SubscriptionDetail;
  readonly open: boolean;
  readonly onClose: () => void;
}

function RotateDialog({ subscription, open, onClose }: RotateDialogProps) {
  const { weft } = useApi();
  const changed = useSubscriptionsChanged();
  const [overlap, setOverlap] = useState("86400");
  const { secret } = texts.subscriptions;
  const rotate = useMutation({
    mutationFn: () => weft.webhooks.rotateSecret(subscription.id, { overlap: Number(overlap) }),
    onSuccess: async () => {
      await changed();
      showDone(secret.rotated);
      onClose();
    },
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={secret.rotate}
      lead={secret.rotateLead}
      action={secret.rotate}
      busy={rotate.isPending}
      error={rotate.error}
      onConfirm={() => rotate.mutate()}
    >
      <Select
        label={secret.overlap}
        value={overlap}
        onChange={setOverlap}
        options={Object.entries(secret.overlaps).map(([value, label]) => ({ value, label }))}
      />
    </Confirm>
  );
}
