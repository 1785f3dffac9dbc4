import { clock } from "../listening/list-lines.ts";
import { printable } from "../terminal/printable.ts";
import type { Arrival } from "./arrivals.ts";

const partLengthMax = 200;

/** A request for a person: one line, and why it does not verify below it. */
export function textOf(arrival: Arrival): string {
  const { at, method, path, bodyBytes, messageId, eventType, copy, explanation, answer } = arrival;
  const parts = [
    clock(at),
    `${method} ${path}`,
    eventType,
    messageId,
    copy === 1 ? null : `(no. ${copy} with this id)`,
    `${bodyBytes} bytes`,
    explanation === null ? null : explanation.verifies ? "verifies" : "DOES NOT VERIFY",
    `→ ${answer.status}`,
  ];
  const told = parts.flatMap((part) => (part === null ? [] : [part.slice(0, partLengthMax)]));
  const findings = explanation?.findings.map(({ text }) => `  - ${text}`) ?? [];
  return [told.join("  "), ...findings].map(printable).join("\n");
}
