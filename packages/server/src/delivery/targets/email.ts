import { splitFirstLine } from "../../domain/template.ts";
import type { Mail } from "../../outbound/mail-sender.ts";
import { type AlertRules, templateOf } from "./alert-rules.ts";
import { shownAddress, urlMistake } from "./endpoint-url.ts";
import { cut, fieldLines, type Notice, noticeOf, oneLine } from "./notices/notice.ts";
import { type AddressPolicy, refusals } from "./target-rules.ts";

/** One mail address. */
export const email: AlertRules = {
  urlText: "one address, such as `mailto:ops@example.com`",
  usualUrl: null,
  defaults: { ordered: false, rateLimit: null },
  refusedFields: {
    routing_key: refusals.routing_key,
    headers: "An e-mail has no headers of a subscription's own.",
    send_trace_context: refusals.send_trace_context,
  },
  routingKeyMissing: null,
  isCheckable: false,
  urlOf: mailUrl,
  storedAddress: shownAddress,
  prepare: (settings) => {
    const to = settings.target.url.slice("mailto:".length);
    const template = templateOf(settings);
    return (message) => ({ kind: "mail", mail: mailOf(noticeOf(message, template), to) });
  },
};

const mailAddress =
  /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@((?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)*[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)$/i;

/**
 * Throws a 422 for a text that is not the URL of one mail address, and when this Weft sends no mail there. Source of the
 * address's form: the HTML standard's e-mail state.
 */
function mailUrl(text: string, { mail }: AddressPolicy): string {
  if (mail === null) {
    throw urlMistake(
      "This Weft cannot send e-mail, because its operator has set no mail server (WEFT_SMTP_URL).",
      "email_unavailable",
    );
  }
  const address = /^mailto:(.+)$/i.exec(text)?.[1] ?? "";
  const domain = mailAddress.exec(address)?.[1]?.toLowerCase();
  if (domain === undefined) {
    throw urlMistake("Expected one address, such as mailto:ops@example.com.", "url_parsing");
  }
  if (mail.domains.length > 0 && !mail.domains.includes(domain)) {
    throw urlMistake(`This Weft sends e-mail to ${mail.domains.join(", ")} only (WEFT_SMTP_DOMAINS).`, "email_domain");
  }
  return `mailto:${address}`;
}

const subjectLengthMax = 200;
const textLengthMax = 64_000;

/** A mail in plain text. Notices about one object share a thread, and every attempt of a delivery has the same mail id. */
function mailOf(notice: Notice, to: string): Mail {
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
