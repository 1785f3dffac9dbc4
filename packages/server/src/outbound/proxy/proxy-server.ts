/** A proxy for outgoing connections, as the operator configured it. */
export interface ProxyServer {
  /** With `socks5`, Weft resolves names. The others receive names and resolve them. */
  readonly protocol: "http" | "https" | "socks5" | "socks5h";
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly credentials: ProxyCredentials | null;
}

export interface ProxyCredentials {
  readonly user: string;
  readonly password: string;
}

const defaultPorts = { http: 80, https: 443, socks5: 1080, socks5h: 1080 } as const;
/** A username and a password of SOCKS have one byte for their length. Source: RFC 1929, section 2. */
const socksCredentialBytesMax = 255;

/** Parses the URL of a proxy. Throws an Error with a sentence, which never contains the URL. */
export function parseProxyUrl(text: string): ProxyServer {
  const url = URL.parse(text);
  const protocol = url?.protocol.slice(0, -1) ?? "";
  if (url === null || !isProtocol(protocol) || url.hostname === "" || hasMore(url)) throw new Error(expected);
  return {
    protocol,
    host: url.hostname.replace(/^\[|\]$/g, "").toLowerCase(),
    port: url.port === "" ? defaultPorts[protocol] : Number(url.port),
    credentials: credentialsOf(url, protocol),
  };
}

/** The URL in the form that curl and git read, with its credentials. */
export function proxyUrl({ protocol, host, port, credentials }: ProxyServer): string {
  const user =
    credentials === null ? "" : `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`;
  return `${protocol}://${user}${hostAndPort(host, port)}`;
}

/** `example.com:443` or `[::1]:443`. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const expected = "expected http://HOST:PORT, https://HOST:PORT, socks5://HOST:PORT or socks5h://HOST:PORT";

function isProtocol(text: string): text is ProxyServer["protocol"] {
  return Object.hasOwn(defaultPorts, text);
}

function hasMore({ pathname, search, hash, port }: URL): boolean {
  return !["", "/"].includes(pathname) || search !== "" || hash !== "" || port === "0";
}

function credentialsOf(url: URL, protocol: ProxyServer["protocol"]): ProxyCredentials | null {
  if (url.username === "" && url.password === "") return null;
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (protocol.startsWith("socks")) {
    const lengths = [Buffer.byteLength(user), Buffer.byteLength(password)];
    if (lengths.every((bytes) => bytes > 0 && bytes <= socksCredentialBytesMax)) return { user, password };
    throw new Error(`a SOCKS proxy takes a user and a password of 1 to ${socksCredentialBytesMax} bytes each`);
  }
  // Basic authentication ends the user at the first colon.
  if (user.includes(":")) throw new Error("the user of an HTTP proxy has no colon");
  return { user, password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error("the user and the password must be percent-encoded");
  }
}
