import { cut, type Notice } from "./notice.ts";
import { signedText } from "./signs.ts";

// Slack itself cuts longer texts. Source: https://docs.slack.dev/reference/methods/chat.postMessage
const textLengthMax = 40_000;

/**
 * The body for a Slack incoming webhook, which Mattermost and Rocket.Chat also accept. Source:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function slackBody(notice: Notice): string {
  return JSON.stringify({
    text: cut(signedText(notice, { lengthMax: textLengthMax, escapeField: escaped }), textLengthMax),
  });
}

// Text that Slack would interpret as a link or a mention. Source:
// https://docs.slack.dev/messaging/formatting-message-text#escaping
function escaped(field: string): string {
  return field.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
