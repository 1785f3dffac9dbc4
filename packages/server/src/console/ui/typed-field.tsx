import { useState } from "react";
import { TextField } from "./field.tsx";

interface TypedFieldProps {
  readonly label: string;
  readonly placeholder?: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** A filter that applies when its input is finished: on Enter, or when the field loses focus. */
export function TypedField({ label, placeholder, value, onChange }: TypedFieldProps) {
  const [text, setText] = useState(value ?? "");
  function finish(): void {
    const trimmed = text.trim();
    if (trimmed !== (value ?? "")) onChange(trimmed === "" ? undefined : trimmed);
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        finish();
      }}
      onBlur={finish}
    >
      <TextField label={label} placeholder={placeholder ?? ""} value={text} onChange={setText} />
    </form>
  );
}
