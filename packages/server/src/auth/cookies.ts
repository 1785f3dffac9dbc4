import type { IncomingHttpHeaders } from "node:http";

export interface CookieOptions {
  /** The path below which the browser sends it. */
  readonly path: string;
  /** `Lax` also sends it when another site leads the browser here. */
  readonly sameSite: "Strict" | "Lax";
  /** 0 deletes it. */
  readonly maxAgeSeconds: number;
  /** Whether the browser sends it over https only. */
  readonly isSecure: boolean;
}

/** The value of a `set-cookie` header, for a cookie that scripts cannot read. */
export function setCookie(name: string, value: string, options: CookieOptions): string {
  const attributes = [
    `Path=${options.path}`,
    "HttpOnly",
    `SameSite=${options.sameSite}`,
    `Max-Age=${options.maxAgeSeconds}`,
    ...(options.isSecure ? ["Secure"] : []),
  ];
  return [`${name}=${value}`, ...attributes].join("; ");
}

/** The value of a cookie of a request; null without one. */
export function cookieIn({ cookie }: IncomingHttpHeaders, name: string): string | null {
  for (const pair of cookie?.split(";") ?? []) {
    const [given, value] = pair.trim().split("=", 2);
    if (given === name && value !== undefined && value !== "") return value;
  }
  return null;
}

/**
 * Whether the browser reaches Weft over https. A proxy in front terminates https for Weft. A client that forges the header receives
 * a cookie that its own browser does not send back.
 */
export function isOverHttps(publicUrl: string, headers: IncomingHttpHeaders): boolean {
  return publicUrl.startsWith("https:") || headers["x-forwarded-proto"] === "https";
}
