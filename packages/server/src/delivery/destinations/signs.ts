import type { Notice } from "./notice.ts";
import type { Tone } from "./sentences.ts";

const signs: Readonly<Record<Tone, string>> = { alarm: "🔴 ", relief: "🟢 ", news: "" };

/** A notice for a chat, where one looks at colours first. A template says itself how it looks. */
export function withSign(notice: Notice, escapeField: (field: string) => string): string {
  return `${notice.isTemplated ? "" : signs[notice.tone]}${notice.text(escapeField)}`;
}
