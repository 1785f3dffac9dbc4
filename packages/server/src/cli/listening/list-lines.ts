import { inColumns, printable } from "../terminal/printable.ts";
import { styled, type TerminalSize } from "../terminal/terminal.ts";
import type { ListenedAttempt } from "./listening.ts";
import type { Header, View } from "./view-state.ts";

export interface ListParts {
  readonly shown: readonly ListenedAttempt[];
  readonly selected: ListenedAttempt | undefined;
  readonly view: View;
  readonly header: Header;
  /** The number without the filter. */
  readonly all: number;
}

const keys = "↑↓ select  ⏎ detail  r resend  f filter  q quit";

/** The list: a header, a row for each attempt around the selected one, and a legend of the keys. */
export function listLines(
  { shown, selected, view, header, all }: ListParts,
  { columns, rows }: TerminalSize,
): string[] {
  const { title, secret, isConnected, notice } = header;
  const space = Math.max(1, rows - 6);
  const at = selected === undefined ? 0 : Math.max(0, shown.indexOf(selected));
  const first = Math.min(Math.max(0, at - Math.floor(space / 2)), Math.max(0, shown.length - space));
  const list = shown.slice(first, first + space).map((seen) => rowOf(seen, seen === selected, columns));
  const state = isConnected ? styled.green("● connected") : styled.yellow("○ connecting…");
  return [
    `${styled.bold(inColumns(title, Math.max(0, columns - 15)))} ${state}`,
    styled.dim(inColumns(`signing secret ${secret}`, columns)),
    styled.dim(inColumns(`  ${headings()}`, columns)),
    ...list,
    ...Array.from({ length: space - list.length }, (_, index) =>
      index === 0 && list.length === 0 ? styled.dim(inColumns(nothing(all), columns)) : "",
    ),
    styled.dim(inColumns(printable(notice), columns)),
    footer(view, shown.length, all, columns),
  ];
}

function nothing(all: number): string {
  return all === 0
    ? "  No events yet. Run `weft trigger sync.completed` to publish one."
    : "  No events match the filter.";
}

function footer({ mode, filter }: View, shown: number, all: number, columns: number): string {
  if (mode === "filter") return inColumns(`filter: ${printable(filter)}█   ⏎ keep  esc all`, columns);
  const filtering = filter === "" ? "" : `filter "${printable(filter)}": ${shown} of ${all}, esc all   `;
  return styled.dim(inColumns(filtering + keys, columns));
}

const widths = { time: 8, status: 9, took: 7, attempt: 3 } as const;

function headings(): string {
  return `${"TIME".padEnd(widths.time)}  ${"STATUS".padEnd(widths.status)}  ${"MS".padStart(widths.took)}  ${"TRY".padStart(widths.attempt)}  TYPE`;
}

function rowOf(seen: ListenedAttempt, isSelected: boolean, columns: number): string {
  const { delivery, at } = seen;
  const took = seen.exchange === null ? "" : String(seen.exchange.durationMs);
  const status = inColumns(printable(statusOf(seen)), widths.status);
  const before = `${isSelected ? "▸" : " "} ${clock(at)}  `;
  const after = `  ${took.padStart(widths.took)}  ${String(delivery.attempt).padStart(widths.attempt)}  `;
  const fixed = before.length + widths.status + after.length;
  const type = inColumns(`${printable(delivery.event_type)}${whatBecame(seen)}`, Math.max(0, columns - fixed));
  if (isSelected) return styled.inverse(`${before}${status}${after}${type}`);
  return `${before}${colourOf(seen)(status)}${after}${type}`;
}

function statusOf({ exchange }: ListenedAttempt): string {
  if (exchange === null) return "…";
  return exchange.kind === "answered" ? String(exchange.status) : exchange.reason;
}

function colourOf({ exchange }: ListenedAttempt): (text: string) => string {
  if (exchange === null) return styled.dim;
  return exchange.kind === "answered" && exchange.status >= 200 && exchange.status < 300 ? styled.green : styled.red;
}

function whatBecame({ became }: ListenedAttempt): string {
  if (became?.state === "failed") return "  failed";
  if (became?.state !== "retrying" || became.nextAttemptAt === null) return "";
  return `  retry at ${clock(new Date(became.nextAttemptAt))}`;
}

/** The local time of day. */
export function clock(at: Date): string {
  return at.toTimeString().slice(0, widths.time);
}
