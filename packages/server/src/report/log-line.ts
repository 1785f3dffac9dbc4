/** Fields that every line shows in another place. */
const shownElsewhere = new Set(["time", "level", "event", "stack"]);
/** Values that need no quotes. */
const plainValue = /^[\w.:/@+-]+$/;

const consequences: Readonly<Record<string, string>> = {
  due: "it will be retried",
  failed: "no retries are left",
  skipped: "the subscription is disabled",
  cancelled: "the delivery was cancelled",
};

/** A log entry as one readable line. Texts from outside are quoted, so that they cannot look like other entries. */
export function logLine(entry: Readonly<Record<string, unknown>>): string {
  if (entry.event === "attempt finished" && entry.outcome !== "accepted") return failedAttemptLine(entry);
  const fields = Object.entries(entry)
    .filter(([name]) => !shownElsewhere.has(name))
    .map(([name, value]) => `${name}=${shown(value)}`);
  return [String(entry.event), ...fields].join("  ");
}

function failedAttemptLine(entry: Readonly<Record<string, unknown>>): string {
  const { attempt, status, detail, reason, became, tookMs, messageId, subscriptionId, linesLeftOut } = entry;
  const result = status === undefined ? `${shown(reason)} (${shown(detail)})` : `HTTP ${shown(status)}`;
  const consequence = Object.hasOwn(consequences, String(became)) ? `; ${consequences[String(became)]}` : "";
  const leftOut = linesLeftOut === undefined ? "" : `  (${linesLeftOut} similar lines were left out)`;
  const ids = `message=${shown(messageId)}  subscription=${shown(subscriptionId)}`;
  return `attempt ${attempt} failed: ${result} after ${Math.round(Number(tookMs))} ms${consequence}  ${ids}${leftOut}`;
}

function shown(value: unknown): string {
  if (typeof value === "string" && plainValue.test(value)) return value;
  return escaped(JSON.stringify(value) ?? "null");
}

/** Escapes the characters that JSON leaves, and that move the cursor or change the direction of writing. */
function escaped(json: string): string {
  return json.replaceAll(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
