import { clock } from "../listening/list-lines.ts";
import { printable } from "../terminal/printable.ts";
import type { Arrival } from "./arrivals.ts";

const partLengthMax = 200;

/** A request for people: one line, followed by the reasons why it does not verify. */
export function textOf(arrival: Arrival): string {
  const { at, method, path, bodyBytes, messageId, eventType, copy, explanation, answer } = arrival;
  const parts = [
    clock(at),
    `${method} ${path}`,
    eventType,
    messageId,
    copy === 1 ? null : `(copy ${copy} of this id)`,
    `${bodyBytes} bytes`,
    explanation === null ? null : explanation.verifies ? "verifies" : "DOES NOT VERIFY",
    `→ ${answer.status}`,
  ];
  const shown = parts.flatMap((part) => (part === null ? [] : [part.slice(0, partLengthMax)]));
  const findings = explanation?.findings.map(({ text }) => `  - ${text}`) ?? [];
  return [shown.join("  "), ...findings].map(printable).join("\n");
}
