// Retry schedules as users write them: delays with units, separated by commas.

const unitSeconds: ReadonlyMap<string, number> = new Map([
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["m", 60],
  ["s", 1],
]);

const shownUnits = ["d", "h", "min", "s"] as const;

const delayPattern = /^(?:\d+(?:\.\d+)?\s*(?:d|h|min|m|s)\s*)+$/i;
const partPattern = /(\d+(?:\.\d+)?)\s*(d|h|min|m|s)/gi;
const bareSeconds = /^\d+(?:\.\d+)?$/;

/** The delays in seconds. A delay without a unit is in seconds, and NaN marks a text that is not a delay. */
export function readDelays(text: string): number[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(readDelay);
}

/** The delays as a text that {@link readDelays} reads back exactly: "5 s, 1 h 30 min". */
export function delaysText(delays: readonly number[]): string {
  return delays.map(delayText).join(", ");
}

function readDelay(text: string): number {
  if (bareSeconds.test(text)) return Number(text);
  if (!delayPattern.test(text)) return Number.NaN;
  const parts = [...text.matchAll(partPattern)];
  const ms = parts.reduce((sum, [, count, unit = ""]) => {
    return sum + Math.round(Number(count) * (unitSeconds.get(unit.toLowerCase()) ?? Number.NaN) * 1_000);
  }, 0);
  return ms / 1_000;
}

function delayText(seconds: number): string {
  let restMs = Math.round(seconds * 1_000);
  const parts: string[] = [];
  for (const unit of shownUnits) {
    const unitMs = (unitSeconds.get(unit) ?? 1) * 1_000;
    const count = unit === "s" ? restMs / unitMs : Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}
