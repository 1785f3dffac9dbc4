// The credentials of this page: the session's cookie, which no script can read, or the token of a portal link, kept
// only in memory.

let token: string | null = null;

/** Removes the token of a portal link from the address, before other code can read or store it. */
export function takeTokenFromAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  token = given;
  history.replaceState(null, "", location.pathname + location.search);
}

export function portalToken(): string | null {
  return token;
}

export function forgetToken(): void {
  token = null;
}
