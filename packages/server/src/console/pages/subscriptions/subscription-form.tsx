import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { eventTypesQuery } from "../../api/event-types.ts";
import { mistakeIn } from "../../api/problem.ts";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Checkbox, FieldGroup, Fields, Select, TextField } from "../../ui/field.tsx";
import { Problem } from "../../ui/notice.tsx";
import { Line, Stack } from "../../ui/page.tsx";
import { AddressFields } from "./address-fields.tsx";
import { EventPicker } from "./event-picker.tsx";
import { delaysText } from "./retry-delays.ts";
import { type DraftMistakes, draftMistakes, hasHeaders, type SubscriptionDraft } from "./subscription-draft.ts";
import styles from "./subscription-form.module.css";

interface SubscriptionFormProps {
  readonly initial: SubscriptionDraft;
  /** Whether the secret can be set, which is only rotated after creation. */
  readonly requiresSecret: boolean;
  readonly submit: string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSubmit: (draft: SubscriptionDraft) => void;
  readonly cancel: ReactNode;
}

/** The form of a subscription. Mistakes that the API reports are shown next to their fields. */
export function SubscriptionForm({
  initial,
  requiresSecret,
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
        <Card title={form.endpoint}>
          <Fields>
            <AddressFields draft={draft} change={change} error={error} isNew={requiresSecret} />
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
            requiresSecret={requiresSecret}
          />
        </Card>
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
  readonly requiresSecret: boolean;
}

function FurtherFields({ draft, change, mistakes, error, requiresSecret }: FurtherFieldsProps) {
  const { form } = texts.subscriptions;
  const { default_retry_schedule: defaultSchedule } = useSession();
  return (
    <Fields>
      <FieldRows
        label={form.filters}
        hint={form.filtersHint}
        names={form.filterField}
        values={form.filterValues}
        add={form.addFilter}
        rows={draft.filters}
        onChange={(filters) => change({ filters })}
        mistake={mistakes.filters ? form.mistakeFilters : mistakeIn(error, "filters")}
      />
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
      {requiresSecret && draft.destination === null && (
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

type Row = SubscriptionDraft["filters"][number];

interface FieldRowsProps {
  readonly label: string;
  readonly hint: string;
  readonly names: string;
  readonly values: string;
  readonly add: string;
  readonly rows: readonly Row[];
  readonly onChange: (rows: Row[]) => void;
  readonly mistake: string | null;
}

function FieldRows({ label, hint, names, values, add, rows, onChange, mistake }: FieldRowsProps) {
  function replace(index: number, row: Row): void {
    onChange(rows.map((other, at) => (at === index ? row : other)));
  }
  return (
    <FieldGroup label={label} hint={hint}>
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row has no other identity while the user edits it
        <div key={index} className={styles.row}>
          <TextField
            label={names}
            hideLabel
            placeholder={names}
            value={row.name}
            onChange={(name) => replace(index, { ...row, name })}
            mono
          />
          <TextField
            label={values}
            hideLabel
            placeholder={values}
            value={row.value}
            onChange={(value) => replace(index, { ...row, value })}
            mono
          />
          <Button
            kind="quiet"
            label={`${texts.subscriptions.form.removeRow} ${row.name}`}
            onPress={() => onChange(rows.filter((_, at) => at !== index))}
          >
            <X size={16} aria-hidden="true" />
          </Button>
        </div>
      ))}
      {mistake !== null && (
        <p className={styles.mistake} role="alert">
          {mistake}
        </p>
      )}
      <div>
        <Button size="small" onPress={() => onChange([...rows, { name: "", value: "" }])}>
          {add}
        </Button>
      </div>
    </FieldGroup>
  );
}
