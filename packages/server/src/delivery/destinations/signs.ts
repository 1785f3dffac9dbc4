import type { Notice, NoticeText } from "./notice.ts";
import type { Tone } from "./sentences.ts";

const signs: Readonly<Record<Tone, string>> = { alarm: "🔴 ", relief: "🟢 ", news: "" };

/** A notice for a chat, where people look at colours first. A template brings its own signs. */
export function signedText(notice: Notice, options: NoticeText): string {
  return `${notice.isTemplated ? "" : signs[notice.tone]}${notice.mark}${notice.text(options)}`;
}
