import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { eventTypesQuery } from "../../api/event-types.ts";
import { recentMessagesQuery, selectedTypes } from "../../api/recent-messages.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox, FieldGroup, Select, TextField } from "../../ui/field.tsx";
import { Line } from "../../ui/page.tsx";
import { FieldRows } from "./field-rows.tsx";
import {
  conditionOf,
  type FilterRow,
  filterConditions,
  typedValue,
  withCondition,
  withTypedValue,
} from "./filter-conditions.ts";
import { type FilterField, filterFields } from "./filter-fields.ts";
import { partsOf } from "./filter-values.ts";
import styles from "./subscription-form.module.css";

interface FilterBuilderProps {
  readonly eventTypes: readonly string[];
  readonly rows: readonly FilterRow[];
  readonly onChange: (rows: readonly FilterRow[]) => void;
  readonly mistake: string | null;
}

/** The filters of a subscription: fields of the selected event types with their values, or both as text. */
export function FilterBuilder({ eventTypes, rows, onChange, mistake }: FilterBuilderProps) {
  const [isText, setText] = useState(false);
  const fields = useFilterFields(eventTypes);
  const { form } = texts.subscriptions;
  const toggle = (
    <Button size="small" kind="quiet" onPress={() => setText(!isText)}>
      {isText ? form.filtersBuilder : form.filtersText}
    </Button>
  );
  if (isText) {
    return (
      <>
        <FieldRows
          label={form.filters}
          hint={form.filtersTextHint}
          names={form.filterField}
          values={form.filterValues}
          add={form.addFilter}
          rows={rows}
          onChange={onChange}
          mistake={mistake}
        />
        <div>{toggle}</div>
      </>
    );
  }
  return (
    <FieldGroup label={form.filters} hint={form.filtersHint}>
      {rows.map((row, index) => (
        <FilterFields
          // biome-ignore lint/suspicious/noArrayIndexKey: a row has no other identity while the user edits it
          key={index}
          row={row}
          fields={fields}
          onChange={(changed) => onChange(rows.map((other, at) => (at === index ? changed : other)))}
          onRemove={() => onChange(rows.filter((_, at) => at !== index))}
        />
      ))}
      {mistake !== null && (
        <p className={styles.mistake} role="alert">
          {mistake}
        </p>
      )}
      <Line>
        <Button size="small" onPress={() => onChange([...rows, { name: fields[0]?.path ?? "", value: "" }])}>
          {form.addFilter}
        </Button>
        {toggle}
      </Line>
    </FieldGroup>
  );
}

function useFilterFields(eventTypes: readonly string[]): readonly FilterField[] {
  const api = useApi();
  const { data: types = [] } = useQuery(eventTypesQuery(api));
  const { data: messages = [] } = useQuery(recentMessagesQuery(api, types, eventTypes));
  return filterFields(
    selectedTypes(types, eventTypes).map(({ schema }) => schema),
    messages.map(({ payload }) => payload),
  );
}

interface FilterFieldsProps {
  readonly row: FilterRow;
  readonly fields: readonly FilterField[];
  readonly onChange: (row: FilterRow) => void;
  readonly onRemove: () => void;
}

const otherField = "";

function FilterFields({ row, fields, onChange, onRemove }: FilterFieldsProps) {
  const { form } = texts.subscriptions;
  const field = fields.find(({ path }) => path === row.name);
  const condition = conditionOf(row);
  return (
    <div className={styles.filter}>
      <Select
        label={form.filterField}
        hideLabel
        value={field?.path ?? otherField}
        onChange={(name) => onChange({ name, value: "" })}
        options={[
          ...fields.map(({ path }) => ({ value: path, label: path })),
          { value: otherField, label: form.otherField },
        ]}
      />
      <Select
        label={form.filterCondition}
        hideLabel
        value={condition}
        onChange={(selected) => onChange(withCondition(row, selected))}
        options={filterConditions.map((value) => ({ value, label: form.filterConditions[value] }))}
      />
      <Button kind="quiet" label={`${form.removeRow} ${row.name}`} onPress={onRemove}>
        <X size={16} aria-hidden="true" />
      </Button>
      {field === undefined && (
        <TextField
          label={form.filterPath}
          hideLabel
          placeholder={form.filterPath}
          value={row.name}
          onChange={(name) => onChange({ ...row, name })}
          mono
        />
      )}
      <div className={styles.filterValue}>
        {condition === "is" && <SingleValue row={row} field={field} onChange={onChange} />}
        {condition === "one_of" && <SeveralValues row={row} field={field} onChange={onChange} />}
      </div>
    </div>
  );
}

interface ValueProps {
  readonly row: FilterRow;
  readonly field: FilterField | undefined;
  readonly onChange: (row: FilterRow) => void;
}

function SingleValue({ row, field, onChange }: ValueProps) {
  const { form } = texts.subscriptions;
  const { choices } = field ?? { choices: null };
  if (choices !== null) {
    const known = choices.includes(row.value) ? choices : [row.value, ...choices];
    return (
      <Select
        label={form.filterValue}
        hideLabel
        value={row.value}
        onChange={(value) => onChange({ ...row, value })}
        options={known.map((value) => ({ value, label: value === "" ? form.selectValue : value }))}
      />
    );
  }
  const seen = (field?.seen ?? []).map((value) => typedValue({ name: row.name, value }, field));
  return (
    <TextField
      label={form.filterValue}
      hideLabel
      placeholder={form.filterValue}
      value={typedValue(row, field)}
      onChange={(text) => onChange(withTypedValue(row, text, field))}
      suggestions={seen}
      mono
    />
  );
}

function SeveralValues({ row, field, onChange }: ValueProps) {
  const { form } = texts.subscriptions;
  const { choices } = field ?? { choices: null };
  if (choices === null) {
    return (
      <TextField
        label={form.filterValues}
        hideLabel
        placeholder={form.filterValues}
        value={row.value}
        onChange={(value) => onChange({ ...row, value })}
        mono
      />
    );
  }
  const parts = partsOf(row.value);
  return (
    <Line>
      {[...new Set([...choices, ...parts])].map((choice) => (
        <Checkbox
          key={choice}
          label={<code>{choice}</code>}
          checked={parts.includes(choice)}
          onChange={(checked) => {
            const next = checked ? [...parts, choice] : parts.filter((part) => part !== choice);
            onChange({ ...row, value: next.join(", "), condition: "one_of" });
          }}
        />
      ))}
    </Line>
  );
}
