// The views of a listener: a list, newest first, and one attempt of it in full. Keys lead from one view to the other.

import type { Key, TerminalSize } from "../terminal/terminal.ts";
import { detailLines } from "./detail-lines.ts";
import { listLines } from "./list-lines.ts";
import type { ListenedAttempt } from "./listening.ts";
import type { Header, View } from "./view-state.ts";

export interface ViewChange {
  readonly view: View;
  readonly action: { readonly kind: "quit" } | { readonly kind: "resend"; readonly seen: ListenedAttempt } | null;
}

/** The attempts that match a filter, newest first. */
export function filtered(seen: readonly ListenedAttempt[], filter: string): ListenedAttempt[] {
  const text = filter.toLowerCase();
  return seen.filter((one) => searchedIn(one).includes(text)).reverse();
}

function searchedIn({ delivery, exchange, became }: ListenedAttempt): string {
  const status = exchange === null ? "" : exchange.kind === "answered" ? String(exchange.status) : exchange.reason;
  return [delivery.event_type, delivery.message_id, delivery.headers["webhook-id"], status, became?.state ?? ""]
    .join(" ")
    .toLowerCase();
}

export function viewAfter(view: View, key: Key, seen: readonly ListenedAttempt[], size: TerminalSize): ViewChange {
  if (key === "quit") return { view, action: { kind: "quit" } };
  if (view.mode === "filter") return stay(filterAfter(view, key));
  const shown = filtered(seen, view.filter);
  const at = view.selected === null ? 0 : Math.max(0, shown.indexOf(view.selected));
  const current = shown[at];
  switch (key) {
    case "q":
      return view.mode === "detail" ? stay({ ...view, mode: "list" }) : { view, action: { kind: "quit" } };
    case "escape":
    case "backspace":
      return stay(view.mode === "detail" ? { ...view, mode: "list" } : { ...view, filter: "", selected: null });
    case "r":
      return current === undefined ? stay(view) : { view, action: { kind: "resend", seen: current } };
    case "f":
    case "/":
      return stay({ ...view, mode: "filter" });
    case "enter":
      return stay(current === undefined ? view : { ...view, mode: "detail", selected: current, scroll: 0 });
    default: {
      const by = movement(key, size);
      if (view.mode === "detail") return stay({ ...view, scroll: Math.max(0, view.scroll + by) });
      const next = Math.min(Math.max(at + by, 0), Math.max(shown.length - 1, 0));
      // At the top, each new attempt is selected.
      return stay({ ...view, selected: next === 0 ? null : (shown[next] ?? null) });
    }
  }
}

function stay(view: View): ViewChange {
  return { view, action: null };
}

const filterLengthMax = 60;

function filterAfter(view: View, key: Key): View {
  if (key === "enter") return { ...view, mode: "list", selected: null };
  if (key === "escape") return { ...view, mode: "list", filter: "", selected: null };
  if (key === "backspace") return { ...view, filter: [...view.filter].slice(0, -1).join("") };
  const isTyped = [...key].length === 1;
  return isTyped && view.filter.length < filterLengthMax ? { ...view, filter: view.filter + key } : view;
}

function movement(key: Key, { rows }: TerminalSize): number {
  const page = Math.max(1, rows - 6);
  const far = 1_000_000;
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    pageup: -page,
    pagedown: page,
    " ": page,
    home: -far,
    end: far,
  };
  return steps[key] ?? 0;
}

/** The lines of a screen, and the maximum scroll position of a detail. */
export function screenOf(view: View, seen: readonly ListenedAttempt[], header: Header, size: TerminalSize): string[] {
  const shown = filtered(seen, view.filter);
  const current = view.selected ?? shown[0];
  if (view.mode === "detail" && current !== undefined) return detailLines(current, view.scroll, size);
  return listLines({ shown, selected: current, view, header, all: seen.length }, size);
}
