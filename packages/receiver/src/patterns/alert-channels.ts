import type { AlertChannel, FailureAlert } from "./failure-alerts.ts";

/** The part of the web's `fetch` that is needed. */
type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: string; signal: AbortSignal },
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  text(): Promise<string>;
}>;

interface Reaching {
  readonly fetch?: Fetch | undefined;
  /** Default: 10 seconds. */
  readonly timeoutMs?: number | undefined;
}

/** The service of a channel did not accept the alert. */
export class AlertRefusedError extends Error {
  override readonly name = "AlertRefusedError";
}

/** A Slack incoming webhook. Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function slack(options: { readonly url: string } & Reaching): AlertChannel {
  const send = (text: string) => post("Slack", options.url, { text }, options);
  return {
    name: "slack",
    failed: (alert) =>
      send(
        `:red_circle: *${escaped(alert.sourceType)}* of *${escaped(alert.collection)}* does not sync: ${escaped(alert.error)}`,
      ),
    recovered: (alert, at) =>
      send(
        `:large_green_circle: *${escaped(alert.sourceType)}* of *${escaped(alert.collection)}* syncs again, since ${at}. It failed since ${alert.since}.`,
      ),
  };
}

// Escapes Slack's markup. Source: https://docs.slack.dev/messaging/formatting-message-text#escaping
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export interface PagerDutyOptions extends Reaching {
  /** The key of a service's Events API v2 integration. */
  readonly routingKey: string;
  /** Default: `error`. */
  readonly severity?: "critical" | "error" | "warning" | "info" | undefined;
  /** The address for events. Default: PagerDuty's own address. */
  readonly url?: string | undefined;
}

const summaryLengthMax = 1_024;

/** PagerDuty's Events API v2: an incident for each source, resolved when it syncs again. Source: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ */
export function pagerDuty(options: PagerDutyOptions): AlertChannel {
  const { routingKey, severity = "error", url = "https://events.pagerduty.com/v2/enqueue" } = options;
  const send = (alert: FailureAlert, more: object) =>
    post("PagerDuty", url, { routing_key: routingKey, dedup_key: alert.key, ...more }, options);
  return {
    name: "pagerduty",
    failed: (alert) =>
      send(alert, {
        event_action: "trigger",
        payload: {
          summary: `${alert.sourceType} of ${alert.collection} does not sync: ${alert.error}`.slice(
            0,
            summaryLengthMax,
          ),
          source: alert.sourceConnectionId,
          severity,
          timestamp: alert.since,
          component: alert.sourceType,
          group: alert.collectionReadableId,
          custom_details: { ...alert },
        },
      }),
    recovered: (alert) => send(alert, { event_action: "resolve" }),
  };
}

/** The part of a mail library that sends, such as a transport of `nodemailer`. */
export interface MailTransport {
  sendMail(mail: {
    readonly from: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    readonly headers: Readonly<Record<string, string>>;
  }): Promise<unknown>;
}

/** E-mail. The mail of the recovery replies to that of the failure, so that mail programs show them together. */
export function email(options: {
  readonly transport: MailTransport;
  readonly from: string;
  readonly to: string;
}): AlertChannel {
  const { transport, from, to } = options;
  const send = (subject: string, text: string, headers: Record<string, string>) =>
    transport.sendMail({ from, to, subject: inOneLine(subject), text, headers });
  return {
    name: "email",
    failed: async (alert) => {
      const subject = `${alert.sourceType} of ${alert.collection} does not sync`;
      await send(subject, `${subject} since ${alert.since}.\n\n${alert.error}\n`, {
        "message-id": threadOf(alert),
      });
    },
    recovered: async (alert, at) => {
      const subject = `Re: ${alert.sourceType} of ${alert.collection} does not sync`;
      await send(subject, `It syncs again, since ${at}.\n`, {
        "in-reply-to": threadOf(alert),
        references: threadOf(alert),
      });
    },
  };
}

function threadOf({ sourceConnectionId, since }: FailureAlert): string {
  const safe = (text: string) => text.replaceAll(/[^\w.-]/g, "-");
  return `<weft.${safe(sourceConnectionId)}.${safe(since)}@alerts.invalid>`;
}

// A name with a line break must not become a header of its own.
function inOneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, " ");
}

async function post(
  service: string,
  url: string,
  body: object,
  { fetch: given, timeoutMs = 10_000 }: Reaching,
): Promise<void> {
  const send: Fetch = given ?? fetch;
  const response = await send(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.ok) return;
  // The URL contains a secret and is not printed.
  throw new AlertRefusedError(`${service} answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
}
