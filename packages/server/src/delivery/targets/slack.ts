import { type AlertRules, noticeRequest } from "./alert-rules.ts";
import { endpointUrl, secretAddress } from "./endpoint-url.ts";
import { cut, type Notice } from "./notices/notice.ts";
import { signedText } from "./notices/signs.ts";
import { refusals } from "./target-rules.ts";

/** A channel of Slack, Mattermost or Rocket.Chat. */
export const slack: AlertRules = {
  urlText: "the URL of an incoming webhook",
  usualUrl: null,
  // Source of the rate limit: https://docs.slack.dev/apis/web-api/rate-limits
  defaults: { ordered: false, rateLimit: 1 },
  refusedFields: { routing_key: refusals.routing_key, send_trace_context: refusals.send_trace_context },
  routingKeyMissing: null,
  isCheckable: true,
  urlOf: endpointUrl,
  storedAddress: secretAddress,
  prepare: (settings) => noticeRequest(settings, settings.credential ?? settings.target.url, slackBody),
};

// Slack itself cuts longer texts. Source: https://docs.slack.dev/reference/methods/chat.postMessage
const textLengthMax = 40_000;

/**
 * The body for a Slack incoming webhook, which Mattermost and Rocket.Chat also accept. Source:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
function slackBody(notice: Notice): string {
  return JSON.stringify({
    text: cut(signedText(notice, { lengthMax: textLengthMax, escapeField: escaped }), textLengthMax),
  });
}

// Text that Slack would interpret as a link or a mention. Source:
// https://docs.slack.dev/messaging/formatting-message-text#escaping
function escaped(field: string): string {
  return field.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
