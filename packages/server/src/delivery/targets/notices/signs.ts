import type { Notice, NoticeText } from "./notice.ts";
import type { Tone } from "./sentences.ts";

const signs: Readonly<Record<Tone, string>> = { alarm: "🔴 ", relief: "🟢 ", neutral: "" };

/** A notice for a chat, where people notice colours first. A template has its own emoji. */
export function signedText(notice: Notice, options: NoticeText): string {
  return `${notice.isTemplated ? "" : signs[notice.tone]}${notice.mark}${notice.text(options)}`;
}
