import { clock } from "../listening/list-lines.ts";
import { printable } from "../terminal/printable.ts";
import { styled } from "../terminal/terminal.ts";
import type { StreamedItem } from "./tail-filter.ts";

type Attempt = Extract<StreamedItem, { readonly event: "attempt" }>["data"];

/** What a program is told, as one line. */
export function factOf({ event, data }: StreamedItem): object {
  return { event, ...data };
}

/** One line for a person, in colours. Nothing in it moves the cursor. */
export function lineOf(told: StreamedItem): string {
  switch (told.event) {
    case "gap":
      return styled.yellow(printable(`${clock(new Date(told.data.from))}  gap      ${told.data.detail}`));
    case "message": {
      const { timestamp, event_type, id } = told.data;
      return `${clock(new Date(timestamp))}  message  ${printable(`${event_type}  ${id}`)}`;
    }
    case "attempt":
      return attemptLine(told.data);
  }
}

function attemptLine(attempt: Attempt): string {
  const {
    timestamp,
    event_type,
    message_id,
    url,
    attempt_number: number,
    next_attempt_at: next,
    duration_ms,
  } = attempt;
  const code = attempt.response_status_code;
  const came = printable(code === 0 ? (attempt.error ?? "no answer") : `${code} in ${duration_ms} ms`);
  const again = next === null ? "" : `, again at ${clock(new Date(next))}`;
  const nth = number > 1 ? `, attempt ${number}` : "";
  const start = `${clock(new Date(timestamp))}  attempt  ${printable(`${event_type}  ${message_id}  → ${url}  `)}`;
  return `${start}${attempt.status === "success" ? styled.green(came) : styled.red(came)}${nth}${again}`;
}
