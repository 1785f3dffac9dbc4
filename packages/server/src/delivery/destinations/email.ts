import type { Mail } from "../../outbound/mail-sender.ts";
import { cut, fieldLines, type Notice } from "./notice.ts";

const subjectLengthMax = 200;
const textLengthMax = 64_000;

/** A mail in plain text. What is told of one thing stands in one thread, and the same message is the same mail on every try. */
export function mailOf(notice: Notice, to: string): Mail {
  const [subject, text] = written(notice);
  return {
    to,
    subject: cut(subject.replaceAll(/\s+/g, " ").trim() || notice.eventType, subjectLengthMax),
    text: `${cut(text, textLengthMax)}\n`,
    id: idText(`${notice.messageId}.${to}`),
    thread: idText(notice.about),
  };
}

/** The first line of a template is the subject, what follows the text; a template of one line is both. */
function written(notice: Notice): [subject: string, text: string] {
  const whole = notice.text().trim();
  const end = whole.indexOf("\n");
  if (end !== -1) return [whole.slice(0, end), whole.slice(end).trim()];
  if (notice.isTemplated) return [whole, whole];
  return [whole, `${whole}\n\n${fieldLines({ ...notice.fields, message_id: notice.messageId })}`];
}

// What may stand before the @ of a message id.
function idText(text: string): string {
  return text.replaceAll(/[^\w.-]/g, "-");
}
