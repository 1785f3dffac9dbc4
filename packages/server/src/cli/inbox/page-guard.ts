import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/**
 * Why a request to the page or its data is refused, or null.
 *
 * Another site can direct a browser here in two ways. It can point a name of its own at this machine and read the
 * response (DNS rebinding): its requests contain that name, so only addresses, localhost and the given name are
 * accepted. And it can send requests from its own pages: those contain their origin.
 */
export function refusalOf(request: IncomingMessage, ownHost: string): string | null {
  const { host = "", origin } = request.headers;
  if (!isOwnName(host, ownHost)) return `The inbox does not accept the host "${host}". Open it by its IP address.`;
  if (origin !== undefined && origin !== `http://${host}`)
    return "The inbox does not accept requests from other sites.";
  const site = request.headers["sec-fetch-site"] ?? "none";
  const isOwn = site === "same-origin" || site === "none";
  if (!isOwn && !isLinkFollowed(request)) return "The inbox does not accept requests from other sites.";
  if (request.method === "POST" && !isSentByPage(request)) return "Send changes as application/json.";
  return null;
}

function isOwnName(host: string, ownHost: string): boolean {
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
  // Only a host, without a path or a user.
  if (url === null || url.href !== `http://${url.host}/`) return false;
  const name = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost") || name === ownHost.toLowerCase();
}

/** A browser that follows a link shows the page, and reveals nothing of it to the site with the link. */
function isLinkFollowed({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}

/** A form cannot send this type, and a script of another site needs a permission that is never granted. */
function isSentByPage({ headers }: IncomingMessage): boolean {
  return /^application\/json\b/i.test(headers["content-type"] ?? "");
}
