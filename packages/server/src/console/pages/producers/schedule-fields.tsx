import type { CreateSourceConnectionBody, SourceConnection } from "@weft/sdk";
import { mistakeAt } from "../../api/problem.ts";
import { texts } from "../../texts/texts.ts";
import { Select, TextField } from "../../ui/field.tsx";

/** A schedule as a user edits it. */
export interface ScheduleDraft {
  readonly kind: "never" | "cron" | "continuous";
  readonly cron: string;
  readonly timeZone: string;
}

const browsersTimeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function scheduleDraftOf(schedule: SourceConnection["schedule"]): ScheduleDraft {
  if (schedule === null) return { kind: "never", cron: "", timeZone: browsersTimeZone };
  return {
    kind: schedule.continuous ? "continuous" : "cron",
    cron: schedule.cron ?? "",
    timeZone: schedule.continuous ? browsersTimeZone : schedule.time_zone,
  };
}

/** A schedule in the form of the API. */
export function scheduleIn({
  kind,
  cron,
  timeZone,
}: ScheduleDraft): NonNullable<CreateSourceConnectionBody["schedule"]> | null {
  switch (kind) {
    case "never":
      return null;
    case "continuous":
      return { continuous: true };
    case "cron":
      return { cron: cron.trim(), time_zone: timeZone.trim() };
  }
}

interface ScheduleFieldsProps {
  readonly draft: ScheduleDraft;
  readonly onChange: (draft: ScheduleDraft) => void;
  readonly mayBeContinuous: boolean;
  readonly error: unknown;
}

const words = texts.producers.schedule;

/** When a source is synced automatically. */
export function ScheduleFields({ draft, onChange, mayBeContinuous, error }: ScheduleFieldsProps) {
  const kinds = (["never", "cron", "continuous"] as const).filter((kind) => kind !== "continuous" || mayBeContinuous);
  const mistake = mistakeAt(error, "schedule");
  return (
    <>
      <Select
        label={words.label}
        value={draft.kind}
        onChange={(kind) => onChange({ ...draft, kind })}
        options={kinds.map((value) => ({ value, label: words.choices[value] }))}
        mistake={draft.kind === "cron" ? null : mistake}
      />
      {draft.kind === "cron" && (
        <>
          <TextField
            label={words.expression}
            hint={words.expressionHint}
            placeholder="0 6 * * 1-5"
            value={draft.cron}
            onChange={(cron) => onChange({ ...draft, cron })}
            mistake={mistake}
            required
            mono
          />
          <TextField
            label={words.timeZone}
            value={draft.timeZone}
            onChange={(timeZone) => onChange({ ...draft, timeZone })}
            suggestions={Intl.supportedValuesOf("timeZone")}
          />
        </>
      )}
    </>
  );
}
