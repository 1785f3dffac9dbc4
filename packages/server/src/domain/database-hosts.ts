import { limits } from "./limits.ts";

/** One server of a database, with a URL of its own. */
export interface DatabaseHost {
  /** Its address, without credentials. */
  readonly name: string;
  readonly url: string;
}

const parts = /^(?<scheme>postgres(?:ql)?:\/\/)(?<user>[^/?#]*@)?(?<hosts>[^/?#@]*)(?<rest>.*)$/is;
const attributes = /[?&]target_session_attrs=(?<value>[^&#]*)/i;
const writing = ["read-write", "primary"];

/** The servers that a `postgres://` URL names, in the form of libpq: `postgres://user@a:5432,b:5433/weft`. */
export function databaseHosts(url: string): DatabaseHost[] {
  const { scheme = "", user = "", hosts = "", rest = "" } = parts.exec(url)?.groups ?? {};
  if (!hosts.includes(",")) return [{ name: hosts === "" ? "the server" : hosts, url }];
  return hosts.split(",").map((name) => ({ name, url: `${scheme}${user}${name}${rest}` }));
}

/** The reason why Weft cannot use the servers of a `postgres://` URL; null if it can. */
export function databaseHostsMistake(url: string): string | null {
  const value = attributes.exec(url)?.groups?.value;
  if (value !== undefined && !writing.includes(value)) {
    return `target_session_attrs must be ${writing.join(" or ")}, because Weft writes to the database`;
  }
  const hosts = databaseHosts(url);
  if (hosts.length === 1) return null;
  if (hosts.length > limits.databaseHostsMax) return `expected at most ${limits.databaseHostsMax} hosts`;
  const isEach = hosts.every((host) => host.name !== "" && URL.canParse(host.url));
  return isEach ? null : "expected hosts such as postgres://a:5432,b:5432/weft";
}
