import { isCredentialHeader, maskedValue } from "./credential-headers.ts";
import type { Exchange } from "./exchange.ts";
import { limits } from "./limits.ts";
import { maskUrls } from "./masked-urls.ts";

/** The last line of headers that were kept in part. A header's line has a colon. */
const leftOutMark = "…";

/**
 * The response headers that an attempt keeps: a line `name: value` for each, without credentials and within the limits, and a
 * mark at the end if others were left out. Null without a response, and for a response without headers.
 */
export function keptHeaders(exchange: Exchange): string | null {
  if (exchange.kind === "unanswered") return null;
  const { headers } = exchange;
  const lines: string[] = [];
  let bytes = Buffer.byteLength(leftOutMark);
  for (const name of Object.keys(headers)) {
    const values = headers[name] ?? [];
    for (const value of typeof values === "string" ? [values] : values) {
      const line = keptLine(name, value);
      bytes += Buffer.byteLength(line) + 1;
      const isOver = lines.length === limits.responseHeadersKept || bytes > limits.responseHeadersBytesKept;
      if (isOver) return [...lines, leftOutMark].join("\n");
      lines.push(line);
    }
  }
  return lines.length === 0 ? null : lines.join("\n");
}

/** The kept headers by name. The values of a repeated header are joined with commas, as RFC 9110, section 5.3, permits. */
export function headersByName(kept: string): Readonly<Record<string, string>> {
  const values = new Map<string, string>();
  for (const line of kept.split("\n").filter((line) => line !== leftOutMark)) {
    const end = line.indexOf(": ");
    const name = line.slice(0, end);
    const before = values.get(name);
    values.set(name, `${before === undefined ? "" : `${before}, `}${line.slice(end + 2)}`);
  }
  return Object.fromEntries(values);
}

/** Whether the response had more headers than were kept. */
export function hasHeadersLeftOut(kept: string): boolean {
  return kept.endsWith(`\n${leftOutMark}`);
}

// Every delivery passes here, and most lines need no change: one look finds those that may.
const mayNeedChange =
  /pass|pwd|secret|token|credential|signature|auth|key|cookie|bearer|basic|eyj|whsec|whsk|sk_|[%@\p{Cc}\p{Cs}]/iu;
const credentialValue = /\b(?:bearer|basic) +\S|\beyJ[\w-]{8,}\.|\b(?:whsec|whsk|sk)_\w/i;
// A line break would begin another header, and PostgreSQL stores no NUL.
const controlCharacter = /[^\P{Cc}\t]/gu;

function keptLine(name: string, value: string): string {
  const line = `${name}: ${value}`;
  if (line.length <= limits.responseHeaderLengthKept && !mayNeedChange.test(line)) return line;
  return `${shortened(name, limits.headerNameLengthMax)}: ${shortened(shownValue(name, value), limits.responseHeaderLengthKept)}`;
}

function shownValue(name: string, value: string): string {
  return isCredentialHeader(name) || credentialValue.test(value) ? maskedValue : maskUrls(value);
}

function shortened(text: string, lengthMax: number): string {
  const kept = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return kept.replaceAll(controlCharacter, "\u{fffd}").toWellFormed();
}
