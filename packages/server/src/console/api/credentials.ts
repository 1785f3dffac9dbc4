// What this page calls the API with: the session's cookie, which no script sees, or the token of a portal link, in memory alone.

let token: string | null = null;

/** Takes the token of a portal link out of the address, before anything can look at it or keep it. */
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
