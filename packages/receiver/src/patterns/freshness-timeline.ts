import type { AuditedSync } from "./audit-trail.ts";

export interface TimelineOptions {
  readonly from: Date;
  readonly until: Date;
  /** In pixels. Default: 960. */
  readonly width?: number | undefined;
}

const rowHeight = 28;
const labelWidth = 180;
const axisHeight = 24;
const barWidthMin = 3;
const colours = { completed: "#16803c", failed: "#c5221f", cancelled: "#6b7280" } as const;

/** Syncs over time as an SVG picture: a row for each source connection, a bar for each sync, from its start to its end. */
export function freshnessTimeline(
  syncs: readonly AuditedSync[],
  { from, until, width = 960 }: TimelineOptions,
): string {
  const spanMs = until.getTime() - from.getTime();
  if (!(spanMs > 0)) throw new TypeError("A timeline ends after it begins.");
  const rows = [
    ...Map.groupBy(
      syncs.filter(({ endedAt }) => endedAt !== null),
      rowName,
    ),
  ];
  const height = axisHeight + rows.length * rowHeight;
  const x = (iso: string) => {
    const share = (Date.parse(iso) - from.getTime()) / spanMs;
    return labelWidth + Math.min(1, Math.max(0, share)) * (width - labelWidth);
  };
  const bars = rows.flatMap(([name, known], row) => [
    `<text x="0" y="${axisHeight + row * rowHeight + 18}">${markup(name)}</text>`,
    ...known
      .filter((sync) => overlaps(sync, from, until))
      .map((sync) => barOf(sync, axisHeight + row * rowHeight + 5, x)),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="sans-serif" font-size="12" fill="currentColor">`,
    `<title>${markup(`Syncs from ${from.toISOString()} until ${until.toISOString()}`)}</title>`,
    `<text x="${labelWidth}" y="14">${from.toISOString()}</text>`,
    `<text x="${width}" y="14" text-anchor="end">${until.toISOString()}</text>`,
    ...bars,
    "</svg>",
    "",
  ].join("\n");
}

function rowName({ sourceType, sourceConnectionId }: AuditedSync): string {
  return `${sourceType ?? "unknown"} ${(sourceConnectionId ?? "").slice(0, 8)}`.trim();
}

function overlaps({ startedAt, endedAt }: AuditedSync, from: Date, until: Date): boolean {
  const end = Date.parse(endedAt ?? "");
  return end >= from.getTime() && Date.parse(startedAt ?? endedAt ?? "") <= until.getTime();
}

function barOf(sync: AuditedSync, y: number, x: (iso: string) => number): string {
  const endedAt = sync.endedAt ?? "";
  const left = x(sync.startedAt ?? endedAt);
  const width = Math.max(barWidthMin, x(endedAt) - left);
  const title = `${sync.outcome}, ${sync.startedAt ?? "?"} to ${endedAt}`;
  return `<rect x="${left.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${rowHeight - 10}" rx="2" fill="${colours[sync.outcome ?? "cancelled"]}"><title>${markup(title)}</title></rect>`;
}

function markup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
