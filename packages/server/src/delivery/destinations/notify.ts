import { assertNever } from "../../domain/assert-never.ts";
import { type Destination, hasSecretUrl, type OpenDestination } from "../../domain/destination.ts";
import type { Exchange } from "../../domain/exchange.ts";
import type { Template } from "../../domain/template.ts";
import { type RequestTarget as Place, parseTarget } from "../../outbound/exchange.ts";
import type { HttpSender } from "../../outbound/http-sender.ts";
import type { MailSender } from "../../outbound/mail-sender.ts";
import { discordBody } from "./discord.ts";
import { mailOf } from "./email.ts";
import { type Notice, type NoticedMessage, noticeOf } from "./notice.ts";
import { pagerdutyBody } from "./pagerduty.ts";
import { parsed } from "./sentences.ts";
import { slackBody } from "./slack.ts";

/** A destination that was prepared once for many notices. */
export type ReadyDestination =
  | { readonly kind: "slack" | "discord"; readonly template: Template | null; readonly place: Place }
  | {
      readonly kind: "pagerduty";
      readonly template: Template | null;
      readonly place: Place;
      readonly routingKey: string;
    }
  | { readonly kind: "email"; readonly template: Template | null; readonly to: string };

export function readyDestination({ kind, template, key }: OpenDestination, url: string): ReadyDestination {
  const ready = template === null ? null : parsed(template);
  if (kind === "email") return { kind, template: ready, to: url.slice("mailto:".length) };
  const place = parseTarget(hasSecretUrl(kind) ? (key ?? url) : url);
  return kind === "pagerduty"
    ? { kind, template: ready, place, routingKey: key ?? "" }
    : { kind, template: ready, place };
}

export interface Senders {
  readonly sender: Pick<HttpSender, "send">;
  readonly mailer: Pick<MailSender, "send">;
  readonly userAgent: string;
}

/** Notifies a destination of a message. `headers` are the subscription's: name, value, name, value … */
export function notify(
  { sender, mailer, userAgent }: Senders,
  destination: ReadyDestination,
  message: NoticedMessage,
  { owner, headers: own }: { readonly owner: string; readonly headers: readonly string[] },
): Promise<Exchange> {
  const notice = noticeOf(message, destination.template);
  if (destination.kind === "email") return mailer.send(mailOf(notice, destination.to));
  return sender.send({
    url: destination.place,
    method: "POST",
    headers: [...noticeHeaders(userAgent), ...own],
    body: bodyOf(destination, notice),
    owner,
  });
}

function noticeHeaders(userAgent: string): string[] {
  return ["content-type", "application/json", "user-agent", userAgent];
}

function bodyOf(destination: Exclude<ReadyDestination, { kind: "email" }>, notice: Notice): string {
  switch (destination.kind) {
    case "slack":
      return slackBody(notice);
    case "discord":
      return discordBody(notice);
    case "pagerduty":
      return pagerdutyBody(notice, destination.routingKey);
    default:
      return assertNever(destination);
  }
}

/** A notice without its credentials, so that it can be shown. */
export interface ShownNotice {
  readonly method: "POST" | "SMTP";
  /** Name, value, name, value … */
  readonly headers: readonly string[];
  readonly body: string;
}

/** The notice that a destination receives for a message. */
export function shownNotice(
  destination: Destination,
  url: string,
  message: NoticedMessage,
  userAgent: string,
): ShownNotice {
  const ready = readyDestination({ ...destination, key: destination.kind === "pagerduty" ? "***" : null }, url);
  const notice = noticeOf(message, ready.template);
  if (ready.kind !== "email") return { method: "POST", headers: noticeHeaders(userAgent), body: bodyOf(ready, notice) };
  const { to, subject, text } = mailOf(notice, ready.to);
  return { method: "SMTP", headers: ["to", to, "subject", subject], body: text };
}
