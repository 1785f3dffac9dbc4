import { X } from "lucide-react";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { FieldGroup, TextField } from "../../ui/field.tsx";
import styles from "./subscription-form.module.css";

interface Row {
  readonly name: string;
  readonly value: string;
}

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

/** Pairs of a name and a value as text. */
export function FieldRows({ label, hint, names, values, add, rows, onChange, mistake }: FieldRowsProps) {
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
