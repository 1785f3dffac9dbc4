import { clock } from "../listening/list-lines.ts";
import { printable } from "../terminal/printable.ts";
import { styled } from "../terminal/terminal.ts";
import type { StreamedItem } from "./tail-filter.ts";

type Attempt = Extract<StreamedItem, { readonly event: "attempt" }>["data"];

/** The line for programs. */
export function factOf({ event, data }: StreamedItem): object {
  return { event, ...data };
}

/** The line for people, in colours. No part of it moves the cursor. */
export function lineOf(item: StreamedItem): string {
  switch (item.event) {
    case "gap":
      return styled.yellow(printable(`${clock(new Date(item.data.from))}  gap      ${item.data.detail}`));
    case "message": {
      const { timestamp, event_type, id } = item.data;
      return `${clock(new Date(timestamp))}  message  ${printable(`${event_type}  ${id}`)}`;
    }
    case "attempt":
      return attemptLine(item.data);
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
  const again = next === null ? "" : `, retry at ${clock(new Date(next))}`;
  const nth = number > 1 ? `, attempt ${number}` : "";
  const start = `${clock(new Date(timestamp))}  attempt  ${printable(`${event_type}  ${message_id}  → ${url}  `)}`;
  return `${start}${attempt.status === "success" ? styled.green(came) : styled.red(came)}${nth}${again}`;
}
