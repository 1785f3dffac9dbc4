// Formats numbers, times and sizes in the language of the browser.

const whole = new Intl.NumberFormat();
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });

export function formatCount(count: number): string {
  return whole.format(count);
}

/** The short form, if digits do not matter: 12.4K. */
export function formatAbout(count: number): string {
  return count < 10_000 ? whole.format(Math.round(count * 10) / 10) : compact.format(count);
}

/** A share as a percentage; a share below one is never shown as 100 %. */
export function formatShare(part: number): string {
  const shown = part < 1 && part > 0.999 ? 0.999 : part;
  return share.format(shown);
}

export function formatDateTime(time: Date): string {
  return dateTime.format(time);
}

export function formatUtc(time: Date): string {
  return `${time.toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** "3 min ago", "in 2 h": rounded to one unit. */
export function formatDistance(time: Date, now: number): string {
  const distanceMs = time.getTime() - now;
  const [unit, unitMs] = units.find(([, ms]) => Math.abs(distanceMs) >= ms) ?? ["second", 1_000];
  return relative.format(Math.trunc(distanceMs / unitMs), unit);
}

/** "840 ms", "2.4 s", "3 min 20 s". */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ");
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  const kibibytes = bytes / 1_024;
  return kibibytes < 1_024 ? `${oneDecimal(kibibytes)} KiB` : `${oneDecimal(kibibytes / 1_024)} MiB`;
}

/** Without a zero after the point. */
function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}
