import { type AlertRules, noticeRequest } from "./alert-rules.ts";
import { endpointUrl, secretAddress } from "./endpoint-url.ts";
import { cut, type Notice } from "./notices/notice.ts";
import { signedText } from "./notices/signs.ts";
import { refusals } from "./target-rules.ts";

/** A channel of Discord. */
export const discord: AlertRules = {
  urlText: "the URL of a channel's webhook",
  usualUrl: null,
  // Five in two seconds. Source: https://discord.com/developers/docs/topics/rate-limits
  defaults: { ordered: false, rateLimit: 2 },
  refusedFields: { routing_key: refusals.routing_key, send_trace_context: refusals.send_trace_context },
  routingKeyMissing: null,
  isCheckable: true,
  urlOf: endpointUrl,
  storedAddress: secretAddress,
  prepare: (settings) => noticeRequest(settings, settings.credential ?? settings.target.url, discordBody),
};

const contentLengthMax = 2_000;

/** The body for a Discord webhook. It mentions no one. Source: https://discord.com/developers/docs/resources/webhook#execute-webhook */
function discordBody(notice: Notice): string {
  const content = signedText(notice, { lengthMax: contentLengthMax, escapeField: escaped });
  return JSON.stringify({ content: cut(content, contentLengthMax), allowed_mentions: { parse: [] } });
}

// Discord would interpret these characters as markup.
function escaped(field: string): string {
  return field.replaceAll(/[\\*_~`|<>[\]()#]/g, String.raw`\$&`);
}
