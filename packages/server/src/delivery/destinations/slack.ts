import { cut, type Notice } from "./notice.ts";
import { signedText } from "./signs.ts";

// Beyond this Slack cuts a text itself. Source: https://docs.slack.dev/reference/methods/chat.postMessage
const textLengthMax = 40_000;

/**
 * The body for a Slack incoming webhook; Mattermost and Rocket.Chat take the same.
 * Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function slackBody(notice: Notice): string {
  return JSON.stringify({
    text: cut(signedText(notice, { lengthMax: textLengthMax, escapeField: escaped }), textLengthMax),
  });
}

// What Slack would read as a link or a mention. Source: https://docs.slack.dev/messaging/formatting-message-text#escaping
function escaped(field: string): string {
  return field.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
