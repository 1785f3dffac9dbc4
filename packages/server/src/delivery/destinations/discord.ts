import { cut, type Notice } from "./notice.ts";
import { withSign } from "./signs.ts";

const contentLengthMax = 2_000;

/** What a Discord webhook is sent. Nobody is mentioned by it. Source: https://discord.com/developers/docs/resources/webhook#execute-webhook */
export function discordBody(notice: Notice): string {
  return JSON.stringify({
    content: cut(withSign(notice, escaped), contentLengthMax),
    allowed_mentions: { parse: [] },
  });
}

// What Discord would read as markup.
function escaped(field: string): string {
  return field.replaceAll(/[\\*_~`|<>[\]()#]/g, String.raw`\$&`);
}
