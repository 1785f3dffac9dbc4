import { useQuery } from "@tanstack/react-query";
import { eventTypesQuery, namesWith } from "../../api/event-types.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Select } from "../../ui/field.tsx";

interface EventTypeFilterProps {
  /** Undefined for all event types. */
  readonly value: string | undefined;
  readonly onChange: (type: string | undefined) => void;
}

/** The filter of a list by one event type. */
export function EventTypeFilter({ value, onChange }: EventTypeFilterProps) {
  const { data: types = [] } = useQuery(eventTypesQuery(useApi()));
  return (
    <Select
      label={texts.eventTypes.filter}
      value={value ?? ""}
      onChange={(type) => onChange(type === "" ? undefined : type)}
      options={[
        { value: "", label: texts.common.all },
        ...namesWith(types, value).map((name) => ({ value: name, label: name })),
      ]}
    />
  );
}
