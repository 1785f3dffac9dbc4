import type { Explanation } from "./explain.ts";

/** An explanation for a person, a sentence a line. What came from outside is in it as it came. */
export function linesOf(explanation: Explanation): string[] {
  const { verifies, message_id: id, age_seconds: age, findings, notes } = explanation;
  const what = id === null ? "the request" : `message ${id}`;
  const when = age === null ? "" : `, signed ${ageText(age)}`;
  return [
    `${verifies ? "Verifies" : "Does not verify"}: ${what}${when}.`,
    ...findings.map(({ text }) => `  - ${text}`),
    ...notes.map((note) => `  ${note}`),
  ];
}

function ageText(seconds: number): string {
  if (seconds === 0) return "now";
  return seconds > 0 ? `${seconds} s ago` : `${-seconds} s in the future`;
}
