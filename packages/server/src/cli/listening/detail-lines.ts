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
    heading(`Payload, ${Buffer.byteLength(body)} bytes (formatted; the signature covers the original bytes)`),
    ...bodyLines(body),
    plain(""),
    ...responseLines(exchange),
    ...(became === null ? [] : [plain(""), plain(becameText(became))]),
  ];
}

function responseLines(exchange: ListenedAttempt["exchange"]): Line[] {
  if (exchange === null) return [heading("No response yet")];
  if (exchange.kind === "unanswered") {
    return [
      heading(`No response after ${exchange.durationMs} ms: ${exchange.reason}`),
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
  too_large: "The response body is too long. The rest was not kept.",
  closed: "The connection ended before the response body did.",
} as const;

function becameText({ state, nextAttemptAt }: NonNullable<ListenedAttempt["became"]>): string {
  switch (state) {
    case "delivered":
      return "Weft recorded it as delivered.";
    case "retrying":
      return `Weft will retry it${nextAttemptAt === null ? "" : ` at ${clock(new Date(nextAttemptAt))}`}.`;
    case "failed":
      return "The delivery failed: its retries are used up. Press r to resend it.";
    case "lost":
      return "The delivery was already re-queued, so this response may not be recorded.";
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
