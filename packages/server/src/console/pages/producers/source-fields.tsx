import type { ReactNode } from "react";
import { mistakeAt } from "../../api/problem.ts";
import { texts } from "../../texts/texts.ts";
import { Select, TextArea, TextField } from "../../ui/field.tsx";
import { Prose } from "../../ui/prose.tsx";
import { defaultText, type FieldTexts, type SourceField } from "./field-values.ts";

interface SourceFieldsProps {
  readonly fields: readonly SourceField[];
  readonly values: FieldTexts;
  readonly onChange: (values: FieldTexts) => void;
  /** The API's refusal of the last request. */
  readonly error: unknown;
  /** The path of these fields in the body of the request. */
  readonly path: readonly string[];
}

const words = texts.producers.form;

/** The fields that a source declares, each of its declared kind. */
export function SourceFields({ fields, values, onChange, error, path }: SourceFieldsProps) {
  return fields.map((field) => (
    <OneField
      key={field.name}
      field={field}
      value={values[field.name] ?? ""}
      onChange={(text) => onChange({ ...values, [field.name]: text })}
      mistake={mistakeAt(error, ...path, field.name)}
    />
  ));
}

interface OneFieldProps {
  readonly field: SourceField;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly mistake: string | null;
}

function OneField({ field, value, onChange, mistake }: OneFieldProps) {
  const { type, enum_values: choices } = field;
  const shared = { label: field.title, hint: hintOf(field), value, onChange, mistake };
  if (choices !== null) return <Select {...shared} options={withUnset(field, choices.map(itself))} />;
  if (type === "boolean") {
    const answers = [
      { value: "true", label: words.yes },
      { value: "false", label: words.no },
    ];
    return <Select {...shared} options={withUnset(field, answers)} />;
  }
  if (type === "array" || type === "object" || field.is_multiline) {
    return <TextArea {...shared} rows={type === "array" ? 3 : 5} masked={field.is_secret} />;
  }
  if (type === "number") return <TextField {...shared} type="number" required={field.required} />;
  return (
    <TextField
      {...shared}
      type={field.is_secret ? "password" : "text"}
      // The browser must not fill in its saved password for another site.
      autoComplete={field.is_secret ? "new-password" : "off"}
      required={field.required}
      mono
    />
  );
}

function itself(value: string) {
  return { value, label: value };
}

function withUnset(field: SourceField, options: { value: string; label: string }[]) {
  const usual = defaultText(field);
  return [{ value: "", label: usual === null ? words.unset : words.whenUnset(usual) }, ...options];
}

function hintOf(field: SourceField): ReactNode {
  const usual = field.enum_values === null && field.type !== "boolean" ? defaultText(field) : null;
  const parts = [
    field.description,
    field.required ? words.required : null,
    field.type === "array" ? words.onePerLine : null,
    usual === null ? null : words.whenEmpty(usual),
  ].filter((part) => part !== null);
  return parts.length === 0 ? undefined : <Prose text={parts.join(" ")} />;
}
