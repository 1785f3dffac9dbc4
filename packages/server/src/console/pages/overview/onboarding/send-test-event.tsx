import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { eventTypesQuery } from "../../../api/event-types.ts";
import { useSubscriptionsChanged } from "../../../api/subscriptions.ts";
import { useApi } from "../../../api/weft.tsx";
import { texts } from "../../../texts/texts.ts";
import { Button } from "../../../ui/button.tsx";
import { Select } from "../../../ui/field.tsx";
import { Problem } from "../../../ui/notice.tsx";
import { Quiet } from "../../../ui/page.tsx";
import styles from "./checklist.module.css";

const responseWithinMs = 45_000;
const suggested = "sync.completed";
const words = texts.onboarding.send;

/** Sends the example of an event type to the subscription of the first step. */
export function SendTestEvent({ subscriptionId }: { subscriptionId: string | null }) {
  const api = useApi();
  const { data: types = [] } = useQuery(eventTypesQuery(api));
  const [selected, setSelected] = useState<string | null>(null);
  const changed = useSubscriptionsChanged();
  const offered = types.filter(({ example }) => example !== null).map(({ name }) => name);
  const eventType = selected ?? offered.find((name) => name === suggested) ?? offered[0] ?? "";
  const send = useMutation({
    mutationFn: (id: string) =>
      api.weft.webhooks.sendTestEvent(id, { event_type: eventType }, { timeoutMs: responseWithinMs }),
    onSettled: changed,
  });
  if (subscriptionId === null) return <Quiet>{words.needsSubscription}</Quiet>;
  return (
    <>
      <Quiet>{words.lead}</Quiet>
      <div className={styles.form}>
        <Select
          label={words.type}
          value={eventType}
          onChange={setSelected}
          options={offered.map((name) => ({ value: name, label: name }))}
        />
        <Button
          kind="primary"
          busy={send.isPending}
          disabled={eventType === ""}
          onPress={() => send.mutate(subscriptionId)}
        >
          {words.submit}
        </Button>
      </div>
      {send.error !== null && <Problem error={send.error} />}
    </>
  );
}
