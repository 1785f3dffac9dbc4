import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Attempt, SubscriptionDetail } from "@weft/sdk";
import { useState } from "react";
import { eventTypesQuery } from "../../api/event-types.ts";
import { useSubscriptionsChanged } from "../../api/subscriptions.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Select } from "../../ui/field.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Notice, Problem } from "../../ui/notice.tsx";
import type { SubscriptionDialogProps } from "./delete-dialog.tsx";

// The default time limit of one attempt, and some more.
const responseWithinMs = 45_000;

/** Sends an example of an event and shows its outcome. */
export function TestDialog({ subscription, open, onClose }: SubscriptionDialogProps) {
  const api = useApi();
  const { data: types } = useQuery(eventTypesQuery(api));
  const changed = useSubscriptionsChanged();
  const [chosen, setChosen] = useState<string | null>(null);
  const offered = (types ?? []).filter(({ example }) => example !== null);
  const eventType = chosen ?? firstSelected(subscription, offered)?.name ?? "";
  const send = useMutation({
    mutationFn: () =>
      api.weft.webhooks.sendTestEvent(subscription.id, { event_type: eventType }, { timeoutMs: responseWithinMs }),
    onSettled: changed,
  });
  const { test } = texts.subscriptions;
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={test.title}
      lead={test.lead}
      actions={
        <>
          <Button onPress={onClose}>{texts.common.close}</Button>
          <Button kind="primary" busy={send.isPending} disabled={eventType === ""} onPress={() => send.mutate()}>
            {test.send}
          </Button>
        </>
      }
    >
      <Select
        label={test.type}
        value={eventType}
        onChange={setChosen}
        options={offered.map(({ name }) => ({ value: name, label: name }))}
      />
      {send.isPending && <Notice>{test.sending}</Notice>}
      {send.error !== null && <Problem error={send.error} />}
      {send.data !== undefined && <TestOutcome attempt={send.data} />}
    </Dialog>
  );
}

function firstSelected<Type extends { name: string }>(
  { filter_types: wanted }: SubscriptionDetail,
  types: readonly Type[],
) {
  return (
    types.find(({ name }) =>
      wanted.some((type) => type === name || (type.endsWith(".*") && name.startsWith(type.slice(0, -1)))),
    ) ?? types[0]
  );
}

function TestOutcome({ attempt }: { attempt: Attempt }) {
  const { test } = texts.subscriptions;
  const took = formatDuration(attempt.duration_ms);
  const status = attempt.response_status_code;
  return (
    <Notice
      tone={attempt.status === "success" ? "good" : "bad"}
      title={attempt.status === "success" ? test.arrived(status, took) : test.failed}
      actions={
        <Link to="/messages/$messageId" params={{ messageId: attempt.message_id }} search={{ attempt: attempt.id }}>
          {test.open}
        </Link>
      }
    >
      {attempt.status !== "success" && <p>{status === 0 ? attempt.error : test.answered(status, took)}</p>}
    </Notice>
  );
}
