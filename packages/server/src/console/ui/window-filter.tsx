import { useState } from "react";
import { texts } from "../texts/texts.ts";
import type { TimeWindow } from "../time-window.ts";
import { Select, TextField } from "./field.tsx";

interface WindowFilterProps {
  readonly label: string;
  readonly value: TimeWindow;
  readonly onChange: (window: TimeWindow) => void;
  /** Whether any time may be selected. */
  readonly mayBeOpen?: boolean;
}

const presets = ["1h", "24h", "7d", "30d"] as const;
type Choice = "any" | "custom" | (typeof presets)[number];

/** A window of time: a preset, or from one time to another. */
export function WindowFilter({ label, value, onChange, mayBeOpen = true }: WindowFilterProps) {
  const { since, until } = value;
  const preset = presets.find((known) => known === since && until === undefined);
  const [isCustom, setCustom] = useState(false);
  const isOpen = since === undefined && until === undefined;
  const choice: Choice = preset ?? (isCustom || !isOpen ? "custom" : "any");
  function choose(next: Choice): void {
    setCustom(next === "custom");
    if (next === "any") onChange({});
    else if (next !== "custom") onChange({ since: next });
    else onChange({ since: new Date(Date.now() - 3_600_000).toISOString() });
  }
  return (
    <>
      <Select
        label={label}
        value={choice}
        onChange={choose}
        options={[
          ...(mayBeOpen ? [{ value: "any" as const, label: texts.times.any }] : []),
          { value: "1h", label: texts.times.hour },
          { value: "24h", label: texts.times.day },
          { value: "7d", label: texts.times.week },
          { value: "30d", label: texts.times.month },
          { value: "custom", label: texts.times.custom },
        ]}
      />
      {choice === "custom" && (
        <>
          <TextField
            label={texts.messages.filters.since}
            type="datetime-local"
            value={localText(since)}
            onChange={(text) => onChange({ ...value, since: isoText(text) })}
          />
          <TextField
            label={texts.messages.filters.until}
            type="datetime-local"
            value={localText(until)}
            onChange={(text) => onChange({ ...value, until: isoText(text) })}
          />
        </>
      )}
    </>
  );
}

// The value of the browser's field: local time without a zone.
function localText(iso: string | undefined): string {
  const time = new Date(iso ?? "");
  if (Number.isNaN(time.getTime())) return "";
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function isoText(local: string): string | undefined {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
