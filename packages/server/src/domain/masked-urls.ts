const masked = "***";

// The beginning of a URL. A file path may also contain an @, but no password.
const scheme = /(?<![a-z0-9+.-])(?!file:)[a-z][a-z0-9+.-]*:\/\//i;
const plainUser = /^(?<user>[\w.+~%-]+):./s;
const schemesWithUsers = ["postgres://", "postgresql://", "smtp://", "smtps://"];

// A parameter of a query ends its value, and its name may be percent-encoded.
const parameter = /(?<start>[?&#;])(?<name>[^=?&#;\s]*)=(?<value>[^&#;\n\r]*)/g;
const setting = /(?<![\w%.-])(?<name>[\w%.-]+)(?<equals>\s*=\s*)(?<value>'[^']*'|"[^"]*"|[^\s&#;"']+)/g;
const secretName = /pass|pwd|secret|token|credential|signature|auth|key/i;

/**
 * A text that can be printed: a URL, or a sentence with URLs. It masks the user information of each URL and every parameter
 * with the name of a secret. A user name stays visible if it is plain and followed by a password. In doubtful cases it masks
 * more.
 */
export function maskUrls(text: string): string {
  return text
    .split("\n")
    .map(maskUserInfo)
    .join("\n")
    .replaceAll(parameter, (whole, start: string, name: string) =>
      secretName.test(decoded(name)) ? `${start}${name}=${masked}` : whole,
    )
    .replaceAll(setting, (whole, name: string, equals: string) =>
      secretName.test(name) ? `${name}${equals}${masked}` : whole,
    );
}

// A password may contain any character, also unencoded. Everything before the last @ of a line therefore counts as user
// information.
function maskUserInfo(line: string): string {
  const [found] = scheme.exec(line) ?? [];
  if (found === undefined) return line;
  const begin = line.indexOf(found) + found.length;
  const end = line.lastIndexOf("@");
  if (end < begin) return line;
  return line.slice(0, begin) + shownUser(found, line.slice(begin, end)) + line.slice(end);
}

function shownUser(scheme: string, info: string): string {
  const user = schemesWithUsers.includes(scheme.toLowerCase()) ? plainUser.exec(info)?.groups?.user : undefined;
  return user === undefined ? masked : `${user}:${masked}`;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
