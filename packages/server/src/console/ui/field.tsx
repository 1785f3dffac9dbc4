import { type ReactNode, useId } from "react";
import styles from "./field.module.css";

interface FieldProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  /** The mistake in it, as a sentence. */
  readonly mistake?: string | null | undefined;
  /** Only screen readers get the label, because the position of the field explains it. */
  readonly hideLabel?: boolean;
}

function Framed({
  label,
  hint,
  mistake,
  hideLabel,
  children,
}: FieldProps & { children: (ids: { id: string; describedBy: string | undefined }) => ReactNode }) {
  const id = useId();
  const hasMistake = mistake !== undefined && mistake !== null;
  const describedBy = [hint !== undefined && `${id}-hint`, hasMistake && `${id}-mistake`].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={hideLabel === true ? "visually-hidden" : styles.label}>
        {label}
      </label>
      {children({ id, describedBy: describedBy === "" ? undefined : describedBy })}
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {hasMistake && (
        <p id={`${id}-mistake`} className={styles.mistake} role="alert">
          {mistake}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: "text" | "password" | "search" | "url" | "number" | "datetime-local";
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly autoComplete?: string;
  readonly autoFocus?: boolean;
  readonly mono?: boolean;
  /** Suggestions for the browser's own list. */
  readonly suggestions?: readonly string[];
}

export function TextField(props: TextFieldProps) {
  const list = useId();
  const { value, onChange, type = "text", suggestions, mono = false } = props;
  return (
    <Framed {...props}>
      {({ id, describedBy }) => (
        <>
          <input
            id={id}
            className={[styles.input, mono && styles.mono].filter(Boolean).join(" ")}
            type={type}
            value={value}
            placeholder={props.placeholder}
            required={props.required}
            autoComplete={props.autoComplete ?? "off"}
            // biome-ignore lint/a11y/noAutofocus: only where a person has just asked for the form
            autoFocus={props.autoFocus}
            spellCheck={false}
            step={type === "datetime-local" ? 1 : undefined}
            list={suggestions === undefined ? undefined : list}
            aria-describedby={describedBy}
            aria-invalid={typeof props.mistake === "string" || undefined}
            onChange={(event) => onChange(event.target.value)}
          />
          {suggestions !== undefined && (
            <datalist id={list}>
              {suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Framed>
  );
}

interface TextAreaProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly rows?: number;
  readonly placeholder?: string;
  /** Shows dots in place of the text, for a secret of several lines such as a key. */
  readonly masked?: boolean;
}

/** Text of several lines, such as JSON. */
export function TextArea(props: TextAreaProps) {
  return (
    <Framed {...props}>
      {({ id, describedBy }) => (
        <textarea
          id={id}
          className={[styles.input, styles.mono, props.masked === true && styles.masked].filter(Boolean).join(" ")}
          value={props.value}
          autoComplete="off"
          rows={props.rows ?? 6}
          placeholder={props.placeholder}
          spellCheck={false}
          aria-describedby={describedBy}
          aria-invalid={typeof props.mistake === "string" || undefined}
          onChange={(event) => props.onChange(event.target.value)}
        />
      )}
    </Framed>
  );
}

interface SelectProps<Value extends string> extends FieldProps {
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
}

/** One of a few. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  return (
    <Framed {...props}>
      {({ id, describedBy }) => (
        <select
          id={id}
          className={[styles.input, styles.select].join(" ")}
          value={props.value}
          aria-describedby={describedBy}
          onChange={(event) => props.onChange(event.target.value as Value)}
        >
          {props.options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Framed>
  );
}

interface CheckboxProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly checked: boolean;
  /** Neither: some of the items below it are selected. */
  readonly mixed?: boolean;
  readonly disabled?: boolean;
  readonly hideLabel?: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Checkbox({ label, hint, checked, mixed = false, disabled, hideLabel, onChange }: CheckboxProps) {
  return (
    <label className={styles.choice}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        ref={(input) => {
          if (input !== null) input.indeterminate = mixed;
        }}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className={hideLabel === true ? "visually-hidden" : undefined}>
        {label}
        {hint !== undefined && <span className={styles.hint}>{hint}</span>}
      </span>
    </label>
  );
}

/** The fields of one form, one below the other. */
export function Fields({ children }: { children: ReactNode }) {
  return <div className={styles.fields}>{children}</div>;
}

/** Fields that belong together under one label. */
export function FieldGroup({ label, hint, children }: { label: ReactNode; hint?: ReactNode; children: ReactNode }) {
  return (
    <fieldset className={styles.group}>
      <legend className={styles.label}>{label}</legend>
      {hint !== undefined && <p className={styles.hint}>{hint}</p>}
      {children}
    </fieldset>
  );
}

/** The filters of a list, in one line. */
export function Filters({ children }: { children: ReactNode }) {
  return <search className={styles.filters}>{children}</search>;
}
