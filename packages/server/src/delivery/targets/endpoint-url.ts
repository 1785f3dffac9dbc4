import { validationFailed } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { AddressPolicy, StoredAddress } from "./target-rules.ts";

/**
 * A subscription's URL as the WHATWG parser normalises it. Throws a 422 when it is not an absolute http(s) URL with a
 * host and without credentials, or is http where only https is allowed.
 */
export function endpointUrl(text: string, { allowHttp }: Pick<AddressPolicy, "allowHttp">): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:") || url.hostname === "") {
    throw urlMistake("Expected an absolute URL such as https://example.com/webhooks.", "url_parsing");
  }
  if (url.protocol === "http:" && !allowHttp) {
    throw urlMistake("Only https endpoints are allowed here (WEFT_ALLOW_HTTP).", "url_scheme");
  }
  if (url.username !== "" || url.password !== "") {
    throw urlMistake("A URL must not carry a user name or password; use headers instead.", "url_credentials");
  }
  url.hash = "";
  if (url.href.length > limits.urlLengthMax) {
    throw urlMistake(`A URL has at most ${limits.urlLengthMax} characters.`, "string_too_long");
  }
  return url.href;
}

export function urlMistake(msg: string, type: string) {
  return validationFailed([{ loc: ["body", "url"], msg, type }]);
}

/** The address of a URL that itself authorizes its user to post: it is encrypted, and shown as its host and the first part of its path. */
export function secretAddress(url: string): StoredAddress {
  return { url: maskedUrl(url), credential: url };
}

function maskedUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  const [first = "", ...more] = pathname.split("/").filter((part) => part !== "");
  return more.length === 0 ? `${origin}/***` : `${origin}/${first}/***`;
}

export function shownAddress(url: string): StoredAddress {
  return { url, credential: null };
}
