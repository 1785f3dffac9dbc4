import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { eventTypesQuery } from "../../api/event-types.ts";
import { mistakeIn } from "../../api/problem.ts";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Checkbox, Fields, Select, TextField } from "../../ui/field.tsx";
import { Problem } from "../../ui/notice.tsx";
import { Line, Stack } from "../../ui/page.tsx";
import { AddressFields } from "./address-fields.tsx";
import { EventPicker } from "./event-picker.tsx";
import { FieldRows } from "./field-rows.tsx";
import { FilterBuilder } from "./filter-builder.tsx";
import { MatchTest } from "./match-test.tsx";
import { ReceiverAccessFields } from "./receiver-access-fields.tsx";
import { delaysText } from "./retry-delays.ts";
import { type DraftMistakes, draftMistakes, hasHeaders, type SubscriptionDraft } from "./subscription-draft.ts";
import styles from "./subscription-form.module.css";

interface SubscriptionFormProps {
  readonly initial: SubscriptionDraft;
  /** The subscription to change; null for a new one. */
  readonly subscriptionId: string | null;
  readonly submit: string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSubmit: (draft: SubscriptionDraft) => void;
  readonly cancel: ReactNode;
}

/** The form of a subscription. Mistakes that the API reports are shown next to their fields. */
export function SubscriptionForm({
  initial,
  subscriptionId,
  submit,
  busy,
  error,
  onSubmit,
  cancel,
}: SubscriptionFormProps) {
  const [draft, setDraft] = useState(initial);
  function change(part: Partial<SubscriptionDraft>): void {
    setDraft((before) => ({ ...before, ...part }));
  }
  const { isPending: awaitsEvents } = useQuery(eventTypesQuery(useApi()));
  const mistakes = draftMistakes(draft, initial);
  function send(event: FormEvent): void {
    event.preventDefault();
    if (!mistakes.filters && !mistakes.retries && !mistakes.rateLimit) onSubmit(draft);
  }
  const { form } = texts.subscriptions;
  // Shown only when complete, so that the layout does not shift while the user types.
  if (awaitsEvents) return null;
  return (
    <form onSubmit={send} className={styles.form} noValidate>
      <Stack>
        <Card title={form.endpoint} term="subscription">
          <Fields>
            <AddressFields draft={draft} change={change} error={error} isNew={subscriptionId === null} />
            <TextField
              label={form.description}
              value={draft.description}
              onChange={(description) => change({ description })}
              mistake={mistakeIn(error, "description")}
            />
            <EventPicker
              value={draft.eventTypes}
              onChange={(eventTypes) => change({ eventTypes })}
              mistake={mistakeIn(error, "event_types")}
            />
          </Fields>
        </Card>
        <Card title={form.more}>
          <FurtherFields
            draft={draft}
            change={change}
            mistakes={mistakes}
            error={error}
            subscriptionId={subscriptionId}
          />
        </Card>
        {draft.destination === null && (
          <Card title={texts.subscriptions.access.form.title}>
            <ReceiverAccessFields
              access={draft.access}
              change={(part) => change({ access: { ...draft.access, ...part } })}
              error={error}
            />
          </Card>
        )}
        {error !== null && error !== undefined && <Problem error={error} />}
        <Line>
          <Button type="submit" kind="primary" busy={busy}>
            {submit}
          </Button>
          {cancel}
        </Line>
      </Stack>
    </form>
  );
}

interface FurtherFieldsProps {
  readonly draft: SubscriptionDraft;
  readonly change: (part: Partial<SubscriptionDraft>) => void;
  readonly mistakes: DraftMistakes;
  readonly error: unknown;
  readonly subscriptionId: string | null;
}

function FurtherFields({ draft, change, mistakes, error, subscriptionId }: FurtherFieldsProps) {
  const { form } = texts.subscriptions;
  const { default_retry_schedule: defaultSchedule } = useSession();
  return (
    <Fields>
      <FilterBuilder
        eventTypes={draft.eventTypes}
        rows={draft.filters}
        onChange={(filters) => change({ filters })}
        mistake={mistakes.filters ? form.mistakeFilters : mistakeIn(error, "filters")}
      />
      <MatchTest draft={draft} subscriptionId={subscriptionId} disabled={mistakes.filters} />
      {hasHeaders(draft) && (
        <FieldRows
          label={form.headers}
          hint={form.headersHint}
          names={form.headerName}
          values={form.headerValue}
          add={form.addHeader}
          rows={draft.headers}
          onChange={(headers) => change({ headers })}
          mistake={mistakeIn(error, "headers")}
        />
      )}
      <TextField
        label={form.retries}
        hint={form.retriesHint(delaysText(defaultSchedule))}
        value={draft.retriesNone ? "" : draft.retries}
        onChange={(retries) => change({ retries, retriesNone: false })}
        mistake={mistakes.retries ? form.mistakeDelays : mistakeIn(error, "retry_schedule")}
      />
      <Checkbox
        label={form.retriesNone}
        checked={draft.retriesNone}
        onChange={(retriesNone) => change({ retriesNone })}
      />
      <TextField
        label={form.rate}
        hint={form.rateHint}
        value={draft.rateLimit}
        onChange={(rateLimit) => change({ rateLimit })}
        mistake={mistakes.rateLimit ? form.mistakeRate : mistakeIn(error, "rate_limit")}
      />
      <Checkbox
        label={form.ordered}
        hint={form.orderedHint}
        checked={draft.ordered}
        onChange={(ordered) => change({ ordered })}
      />
      {draft.destination === null && (
        <Checkbox
          label={form.traceContext}
          hint={form.traceContextHint}
          checked={draft.sendsTraceContext}
          onChange={(sendsTraceContext) => change({ sendsTraceContext })}
        />
      )}
      {subscriptionId === null && draft.destination === null && (
        <>
          <Select
            label={form.signature}
            value={draft.signature}
            onChange={(signature) => change({ signature })}
            options={(["v1", "v1a"] as const).map((value) => ({ value, label: form.signatures[value] ?? value }))}
          />
          <TextField
            label={form.secret}
            hint={form.secretHint}
            placeholder="whsec_…"
            type="password"
            autoComplete="off"
            value={draft.secret}
            onChange={(secret) => change({ secret })}
            mistake={mistakeIn(error, "secret")}
            mono
          />
        </>
      )}
    </Fields>
  );
}
