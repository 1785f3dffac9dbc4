import { type AlertKind, alertKinds } from "../../../domain/target.ts";
import { mistakeIn } from "../../api/problem.ts";
import { texts } from "../../texts/texts.ts";
import { Select, TextArea, TextField } from "../../ui/field.tsx";
import { NoticePreview } from "./notice-preview.tsx";
import { hasRoutingKey, type SubscriptionDraft, withDestination } from "./subscription-draft.ts";

interface AddressFieldsProps {
  readonly draft: SubscriptionDraft;
  readonly change: (part: Partial<SubscriptionDraft>) => void;
  readonly error: unknown;
  /** Whether the kind of target can be selected, which is fixed after creation. */
  readonly isNew: boolean;
}

/** The address of a subscription: the URL of a program, or a service that notifies people. */
export function AddressFields({ draft, change, error, isNew }: AddressFieldsProps) {
  const { form, destinations } = texts.subscriptions;
  const { destination } = draft;
  const words = destinations[destination ?? "webhook"];
  return (
    <>
      {isNew && (
        <Select
          label={form.destination}
          value={destination ?? "webhook"}
          onChange={(chosen) => change(withDestination(draft, chosen === "webhook" ? null : chosen))}
          options={(["webhook", ...alertKinds] as ("webhook" | AlertKind)[]).map((value) => ({
            value,
            label: destinations[value].name,
          }))}
        />
      )}
      <TextField
        key={destination}
        label={words.url}
        hint={words.urlHint}
        type={destination === "email" ? "text" : "url"}
        placeholder={words.placeholder}
        value={draft.url}
        onChange={(url) => change({ url })}
        mistake={mistakeIn(error, "url")}
        required
        autoFocus={!isNew || destination !== null}
        mono
      />
      {hasRoutingKey(draft) && (
        <TextField
          label={form.routingKey}
          hint={isNew ? form.routingKeyHint : form.routingKeyKept}
          type="password"
          value={draft.routingKey}
          onChange={(routingKey) => change({ routingKey })}
          mistake={mistakeIn(error, "routing_key")}
          required={isNew}
          mono
        />
      )}
      {destination !== null && (
        <>
          <TextArea
            label={form.template}
            hint={form.templateHint}
            rows={3}
            placeholder="{{source_type}} broke in {{collection_name}}: {{error}}"
            value={draft.template}
            onChange={(template) => change({ template })}
            mistake={mistakeIn(error, "template")}
          />
          <NoticePreview destination={destination} template={draft.template} eventTypes={draft.eventTypes} />
        </>
      )}
    </>
  );
}
