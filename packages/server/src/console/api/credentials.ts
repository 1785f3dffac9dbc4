// The credentials of this page: the session's cookie, which no script can read, or the token of a portal link, kept
// only in memory. This module runs before all others that read or store the address.

const token = tokenFromAddress();

/** The token of a portal link, which it removes from the address. Tests of single functions have no address. */
function tokenFromAddress(): string | null {
  if (globalThis.location === undefined) return null;
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) history.replaceState(null, "", location.pathname + location.search);
  return given;
}

/** The token of a portal link; null where the visitor is a user of the console. */
export function portalToken(): string | null {
  return token;
}
