const masked = "***";

// What a URL begins with; paths of files may have an @ as well, and no password.
const scheme = /(?<![a-z0-9+.-])(?!file:)[a-z][a-z0-9+.-]*:\/\//i;
const plainUser = /^(?<user>[\w.+~%-]+):./s;
const schemesWithUsers = ["postgres://", "postgresql://", "smtp://", "smtps://"];

// In a query a value ends with its parameter, and a name may be spelt in percents.
const parameter = /(?<start>[?&#;])(?<name>[^=?&#;\s]*)=(?<value>[^&#;\n\r]*)/g;
const setting = /(?<![\w%.-])(?<name>[\w%.-]+)(?<equals>\s*=\s*)(?<value>'[^']*'|"[^"]*"|[^\s&#;"']+)/g;
const secretName = /pass|pwd|secret|token|credential|signature|auth|key/i;

/**
 * A text as it may be printed: a URL, or a sentence with URLs in it. Of each the user info is masked, and every parameter
 * whose name is that of a secret; the user's name stays where it is plain and beside a password. Where it is not clear
 * what belongs to a password, more is masked.
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

// A password may hold anything, unencoded too, so everything before the last @ of a line is taken for user info.
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
