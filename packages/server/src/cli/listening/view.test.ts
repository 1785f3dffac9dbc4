import { expect, test } from "vitest";
import type { Exchange } from "../../domain/exchange.ts";
import { widthOf } from "../terminal/printable.ts";
import type { ListenedAttempt } from "./listening.ts";
import { screenOf, viewAfter } from "./view.ts";
import { firstView, type View } from "./view-state.ts";

const size = { columns: 60, rows: 12 };
const header = { title: "weft listen", secret: "whsec_x", isConnected: true, notice: "" };

function seen(eventType: string, exchange: Exchange | null = answered(200), body = '{"a":1}'): ListenedAttempt {
  const delivery = { message_id: "m", receipt: "r", event_type: eventType, attempt: 1, headers: {}, body };
  return { delivery, receipt: "r", at: new Date(2026, 0, 1, 14, 30, 5), exchange, became: null };
}

function answered(status: number, body = ""): Exchange {
  return { kind: "answered", status, headers: { "x-app": "1" }, body, truncated: null, durationMs: 12 };
}

function press(view: View, all: readonly ListenedAttempt[], ...keys: string[]): View {
  return keys.reduce((now, key) => viewAfter(now, key, all, size).view, view);
}

function plain(lines: readonly string[]): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: styles are control sequences.
  return lines.map((line) => line.replaceAll(/\x1b\[\d*m/g, ""));
}

function screen(view: View, all: readonly ListenedAttempt[]): string[] {
  return plain(screenOf(view, all, header, size));
}

test("the newest is on top and selected until another one is, which then stays selected", () => {
  const all = [seen("first"), seen("second")];
  expect(screen(firstView, all)[3]).toMatch(/^▸ 14:30:05 {2}200 .* 12 .* second/);
  const view = press(firstView, all, "down");
  all.push(seen("third"));
  expect(screen(view, all).find((line) => line.startsWith("▸"))).toContain("first");
  expect(screen(press(view, all, "home"), all).find((line) => line.startsWith("▸"))).toContain("third");
});

test("a screen is never higher or wider than the terminal, with any content", () => {
  const long = "x".repeat(500);
  const all = Array.from({ length: 50 }, () => seen(long, answered(500, `${long}\n`.repeat(50)), `"${long}"`));
  for (const keys of [[], ["end"], ["enter"], ["enter", "end"], ["f", ...long], ["pagedown", "enter", "pagedown"]]) {
    const lines = screen(press(firstView, all, ...keys), all);
    expect(lines.length).toBeLessThanOrEqual(size.rows);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(size.columns);
  }
});

test("the detail shows headers, payload and response, and terminal escapes in them are plain text", () => {
  const all = [seen("sync.failed", answered(500, "no \x1b[2Jway"), '{"n":12345678901234567890}')];
  const wide = { columns: 80, rows: 40 };
  const text = plain(screenOf(press(firstView, all, "enter"), all, header, wide)).join("\n");
  expect(text).toContain("sync.failed, attempt 1, at 14:30:05");
  expect(text).toContain('{"n":12345678901234567890}');
  expect(text).toContain("Answer 500 after 12 ms\nx-app: 1");
  expect(text).toContain("no way");
  expect(press(firstView, all, "enter", "escape").mode).toBe("list");
});

test("a filter selects attempts with the text in their type, status or id, and can be removed", () => {
  const all = [seen("sync.completed"), seen("collection.created", answered(404))];
  const typed = press(firstView, all, "f", "4", "0", "x", "backspace");
  expect(screen(typed, all).at(-1)).toContain("filter: 40█");
  const kept = press(typed, all, "enter");
  expect(screen(kept, all).join("\n")).not.toContain("sync.completed");
  expect(screen(kept, all).at(-1)).toContain("1 of 2");
  expect(screen(press(kept, all, "escape"), all).join("\n")).toContain("sync.completed");
});

test("r requests a resend of the selected attempt, q and Ctrl-C end, and while a filter is typed, letters are letters", () => {
  const all = [seen("first"), seen("second")];
  expect(viewAfter(press(firstView, all, "down"), "r", all, size).action).toEqual({ kind: "resend", seen: all[0] });
  expect(viewAfter(firstView, "r", [], size).action).toBeNull();
  expect(viewAfter(firstView, "q", all, size).action).toEqual({ kind: "quit" });
  const typing = press(firstView, all, "f");
  expect(viewAfter(typing, "q", all, size)).toEqual({ view: { ...typing, filter: "q" }, action: null });
  expect(viewAfter(typing, "quit", all, size).action).toEqual({ kind: "quit" });
});
