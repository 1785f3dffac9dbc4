import { splitFirstLine } from "../../domain/template.ts";
import type { Mail } from "../../outbound/mail-sender.ts";
import { cut, fieldLines, type Notice, oneLine } from "./notice.ts";

const subjectLengthMax = 200;
const textLengthMax = 64_000;

/** A mail in plain text. Notices about one object share a thread, and every attempt of a delivery has the same mail id. */
export function mailOf(notice: Notice, to: string): Mail {
  const [subject, text] = written(notice);
  return {
    to,
    subject: oneLine(subject, subjectLengthMax) || notice.eventType,
    text: `${cut(text, textLengthMax)}\n`,
    id: idText(`${notice.messageId}.${notice.subscriptionId}`),
    thread: idText(notice.about),
  };
}

/**
 * The first line of a template is the subject, and the lines behind it are the text; a template of one line is both. The
 * template is split before its fields are filled in, so a field with a line break does not end the subject.
 */
function written(notice: Notice): [subject: string, text: string] {
  const [first, rest] = splitFirstLine(notice.template);
  const subject = notice.text({ part: first, lengthMax: textLengthMax }).trim();
  const marked = `${notice.mark}${subject}`;
  if (!notice.isTemplated) return [marked, [marked, "", ...fieldLines(notice)].join("\n")];
  if (rest.length === 0) return [marked, marked];
  return [marked, notice.text({ part: rest, lengthMax: textLengthMax }).trim()];
}

// Characters that are allowed before the @ of a message id.
function idText(text: string): string {
  return text.replaceAll(/[^\w.-]/g, "-");
}
