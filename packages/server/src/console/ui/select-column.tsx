import { Checkbox } from "./field.tsx";
import type { Column } from "./table.tsx";

interface Selection<Row> {
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly selected: ReadonlySet<string>;
  readonly onChange: (selected: ReadonlySet<string>) => void;
  readonly allLabel: string;
  readonly rowLabel: (row: Row) => string;
}

/** A column of checkboxes that select rows of a table. */
export function selectColumn<Row>({
  rows,
  keyOf,
  selected,
  onChange,
  allLabel,
  rowLabel,
}: Selection<Row>): Column<Row> {
  const isAll = rows.length > 0 && rows.every((row) => selected.has(keyOf(row)));
  return {
    key: "select",
    header: (
      <Checkbox
        label={allLabel}
        hideLabel
        checked={isAll}
        mixed={!isAll && selected.size > 0}
        onChange={(checked) => onChange(new Set(checked ? rows.map(keyOf) : []))}
      />
    ),
    tight: true,
    cell: (row) => (
      <Checkbox
        label={rowLabel(row)}
        hideLabel
        checked={selected.has(keyOf(row))}
        onChange={(checked) => {
          const next = new Set(selected);
          if (checked) next.add(keyOf(row));
          else next.delete(keyOf(row));
          onChange(next);
        }}
      />
    ),
  };
}
