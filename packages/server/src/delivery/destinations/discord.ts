import { cut, type Notice } from "./notice.ts";
import { signedText } from "./signs.ts";

const contentLengthMax = 2_000;

/** The body for a Discord webhook. It mentions no one. Source: https://discord.com/developers/docs/resources/webhook#execute-webhook */
export function discordBody(notice: Notice): string {
  const content = signedText(notice, { lengthMax: contentLengthMax, escapeField: escaped });
  return JSON.stringify({ content: cut(content, contentLengthMax), allowed_mentions: { parse: [] } });
}

// Discord would interpret these characters as markup.
function escaped(field: string): string {
  return field.replaceAll(/[\\*_~`|<>[\]()#]/g, String.raw`\$&`);
}
