/** Slack's markup as plain text: mentions as names, links with their labels, and characters instead of entities. */
export function slackText(markup: string, userName: (id: string) => string): string {
  return markup
    .replaceAll(/<([^<>|]{1,3000})(?:\|([^<>]{0,3000}))?>/g, (_, target: string, label: string | undefined) =>
      linked(target, label ?? "", userName),
    )
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** The users that a text mentions. */
export function mentionedUsers(markup: string): string[] {
  return Array.from(markup.matchAll(/<@([A-Z0-9]{1,32})(?:\|[^<>]{0,3000})?>/g), ([, id = ""]) => id);
}

function linked(target: string, label: string, userName: (id: string) => string): string {
  if (target.startsWith("@")) return `@${label || userName(target.slice(1))}`;
  if (target.startsWith("#")) return `#${label || target.slice(1)}`;
  // A group or a broadcast, such as <!here> and <!subteam^S1|@support>.
  if (target.startsWith("!")) return label || `@${target.slice(1).split("^", 1)[0]}`;
  return label === "" || label === target ? target : `${label} (${target})`;
}
