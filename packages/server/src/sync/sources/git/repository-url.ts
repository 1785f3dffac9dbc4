import { fileURLToPath } from "node:url";
import { SourceError } from "../../source.ts";

export type RepositoryUrl =
  | { readonly kind: "http"; readonly protocol: "https" | "http"; readonly url: string; readonly host: Host }
  | { readonly kind: "ssh"; readonly protocol: "ssh"; readonly url: string; readonly host: Host }
  | { readonly kind: "file"; readonly protocol: "file"; readonly path: string };

export interface Host {
  /** A name or an address, without brackets. */
  readonly name: string;
  readonly port: number;
}

const hostName = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;
const userName = /^[a-z0-9_][\w.-]*$/i;
const scpForm = /^(?<user>[^@:/]+)@(?<host>[^@:/]+):(?<path>[^\s:][^\s]*)$/;

/**
 * Parses the address of a repository. Throws a SourceError for an address that another program could interpret as an option, a
 * command or a different host.
 */
export function parseRepositoryUrl(text: string, { allowHttp }: { allowHttp: boolean }): RepositoryUrl {
  const scp = scpForm.exec(text)?.groups;
  if (scp !== undefined)
    return sshUrl(text, scp.user ?? "", { name: plainName(scp.host ?? ""), port: 22 }, scp.path ?? "");
  const url = URL.parse(text);
  if (url === null || hasControls(text)) throw unfit();
  if (url.hash !== "" || url.password !== "") throw unfit();
  switch (url.protocol) {
    case "https:":
      return httpUrl("https", url);
    case "http:":
      if (!allowHttp)
        throw new SourceError("The repository's address must begin with https://, because http is not encrypted.");
      return httpUrl("http", url);
    case "ssh:":
      return sshUrl(url.href, url.username, { name: hostOf(url), port: Number(url.port) || 22 }, url.pathname);
    case "file:":
      if (url.host !== "" || url.search !== "") throw unfit();
      return { kind: "file", protocol: "file", path: fileURLToPath(url) };
    default:
      throw unfit();
  }
}

function httpUrl(protocol: "https" | "http", url: URL): RepositoryUrl {
  if (url.username !== "") {
    throw new SourceError(
      "The repository's address must not contain a user or a password. Put them into the credentials.",
    );
  }
  const name = hostOf(url);
  const port = Number(url.port) || (protocol === "https" ? 443 : 80);
  return { kind: "http", protocol, url: url.href, host: { name, port } };
}

function sshUrl(url: string, user: string, host: Host, path: string): RepositoryUrl {
  if (!userName.test(user))
    throw new SourceError("An ssh address must name its user, as in ssh://git@example.com/team/docs.git.");
  if (path === "" || path === "/" || path.startsWith("-") || path.startsWith("/-")) throw unfit();
  return { kind: "ssh", protocol: "ssh", url, host };
}

/** An IPv6 address is in brackets, where the URL's own rules apply; every other host is a plain name. */
function hostOf({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : plainName(hostname);
}

function plainName(name: string): string {
  if (!hostName.test(name)) throw unfit();
  return name;
}

// Includes characters that git would decode.
function hasControls(text: string): boolean {
  return /[\s\p{Cc}]|%[01][0-9a-f]|%7f/iu.test(text);
}

function unfit(): SourceError {
  return new SourceError(
    "This is not a repository's address: expected https://host/path, ssh://user@host/path, user@host:path or file:///path.",
  );
}
