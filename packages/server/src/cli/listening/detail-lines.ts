import type { ResponseHeaders } from "../../domain/exchange.ts";
import { inColumns, printable, printableLines, wrapped } from "../terminal/printable.ts";
import { styled, type TerminalSize } from "../terminal/terminal.ts";
import { clock } from "./list-lines.ts";
import type { ListenedAttempt } from "./listening.ts";

const linesMax = 5_000;
const keys = "↑↓ scroll  r resend  esc back";

/** One attempt in full: the request and the response. */
export function detailLines(seen: ListenedAttempt, scroll: number, { columns, rows }: TerminalSize): string[] {
  const lines = contentOf(seen)
    .flatMap(({ text, style }) => wrapped(text, columns).map((line) => (style === null ? line : style(line))))
    .slice(0, linesMax);
  const space = Math.max(1, rows - 2);
  const first = Math.min(scroll, Math.max(0, lines.length - space));
  const shown = lines.slice(first, first + space);
  const where = lines.length > space ? `   ${first + 1}–${first + shown.length} of ${lines.length}` : "";
  return [
    ...shown,
    ...Array.from({ length: space - shown.length }, () => ""),
    styled.dim(inColumns(keys + where, columns)),
  ];
}

interface Line {
  readonly text: string;
  readonly style: ((text: string) => string) | null;
}

function contentOf({ delivery, at, exchange, became }: ListenedAttempt): Line[] {
  const { event_type, message_id, attempt, headers, body } = delivery;
  return [
    heading(`${printable(event_type)}, attempt ${attempt}, at ${clock(at)}`),
    plain(`message ${message_id}`),
    plain(""),
    heading("Headers"),
    ...headerLines(headers),
    plain(""),
    heading(`Payload, ${Buffer.byteLength(body)} bytes (shown in lines; the signature is of the bytes as they came)`),
    ...bodyLines(body),
    plain(""),
    ...responseLines(exchange),
    ...(became === null ? [] : [plain(""), plain(becameText(became))]),
  ];
}

function responseLines(exchange: ListenedAttempt["exchange"]): Line[] {
  if (exchange === null) return [heading("No answer yet")];
  if (exchange.kind === "unanswered") {
    return [
      heading(`No answer after ${exchange.durationMs} ms: ${exchange.reason}`),
      plain(printable(exchange.detail)),
    ];
  }
  return [
    heading(`Answer ${exchange.status} after ${exchange.durationMs} ms`),
    ...headerLines(exchange.headers),
    ...(exchange.body === "" ? [] : [plain(""), ...bodyLines(exchange.body)]),
    ...(exchange.truncated === null ? [] : [plain(""), plain(truncatedText[exchange.truncated])]),
  ];
}

const truncatedText = {
  too_large: "The response body is longer than what is kept. The rest is left out.",
  closed: "The connection ended before the response body did.",
} as const;

function becameText({ state, nextAttemptAt }: NonNullable<ListenedAttempt["became"]>): string {
  switch (state) {
    case "delivered":
      return "Weft has it as delivered.";
    case "retrying":
      return `Weft tries it again${nextAttemptAt === null ? "" : ` at ${clock(new Date(nextAttemptAt))}`}.`;
    case "failed":
      return "Weft has given it up: its schedule of retries is used up. `r` resends it.";
    case "lost":
      return "Weft had it as due again by then: it comes again, or this answer is on record already.";
  }
}

function headerLines(headers: ResponseHeaders): Line[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => plain(`${printable(name)}: ${printable(value)}`)),
  );
}

function bodyLines(body: string): Line[] {
  return printableLines(inLines(body)).map(plain);
}

// A text whose numbers or keys JavaScript would change is shown as it was received.
function inLines(body: string): string {
  try {
    const text = JSON.stringify(JSON.parse(body), null, 2);
    return withoutSpaces(text) === withoutSpaces(body) ? text : body;
  } catch {
    return body;
  }
}

function withoutSpaces(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

function heading(text: string): Line {
  return { text, style: styled.bold };
}

function plain(text: string): Line {
  return { text, style: null };
}
