import type { Command } from "commander";
import { inColumns, printable, widthOf } from "../terminal/printable.ts";

export interface TableColumn<Row> {
  readonly heading: string;
  readonly text: (row: Row) => string;
  /** The column is cut to this many characters unless the table is wide. */
  readonly width?: number;
  /** The column is printed only in a wide table. */
  readonly isWide?: true;
}

export interface WideFlag {
  readonly wide?: true | undefined;
}

export function addWideFlag(command: Command): Command {
  return command.option("--wide", "print all columns, even beyond 80 characters");
}

const gap = "  ";

/** Prints rows under headings. Every text comes from outside, so control characters are replaced. */
export function recordTable<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
  { isWide }: { isWide: boolean },
): string {
  const shown = columns.filter((column) => isWide || column.isWide !== true);
  const lines = [
    shown.map(({ heading }) => heading),
    ...rows.map((row) => shown.map(({ text }) => printable(text(row)))),
  ];
  const widths = shown.map(({ width }, index) => {
    const widest = Math.max(...lines.map((line) => widthOf(line[index] ?? "")));
    return isWide || width === undefined ? widest : Math.min(width, widest);
  });
  return lines
    .map((line) =>
      line
        .map((cell, index) => inColumns(cell, widths[index] ?? 0))
        .join(gap)
        .trimEnd(),
    )
    .join("\n");
}

const units: readonly (readonly [name: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

/** A time in a table: `3m ago`, `in 4m`, `now`. */
export function ageText(time: string, now: number): string {
  const distance = Date.parse(time) - now;
  const [name, ms] = units.find(([, unit]) => Math.abs(distance) >= unit) ?? ["s", 1_000];
  const count = Math.trunc(Math.abs(distance) / ms);
  if (count === 0) return "now";
  return distance < 0 ? `${count}${name} ago` : `in ${count}${name}`;
}
