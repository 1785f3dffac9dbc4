import { texts } from "../texts/texts.ts";
import { Select } from "./field.tsx";

/** The classes of attempts by the status of the response, from the bottom of a bar to its top. */
export const statusClasses = ["2xx", "3xx", "4xx", "5xx", "other", "no_response"] as const;
export type StatusClass = (typeof statusClasses)[number];

interface StatusClassFilterProps {
  readonly value: string | undefined;
  readonly onChange: (value: StatusClass | undefined) => void;
}

/** Selects the attempts with a response of one class. */
export function StatusClassFilter({ value, onChange }: StatusClassFilterProps) {
  const words = texts.subscriptions.statistics;
  return (
    <Select<StatusClass | "">
      label={words.statusClass}
      value={statusClasses.find((known) => known === value) ?? ""}
      onChange={(next) => onChange(next === "" ? undefined : next)}
      options={[
        { value: "", label: texts.common.all },
        ...statusClasses.map((name) => ({ value: name, label: words.statusClasses[name] })),
      ]}
    />
  );
}
