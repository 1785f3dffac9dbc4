import { validationFailed } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";

/**
 * A subscription's URL as the WHATWG parser normalises it. Throws a 422 when it is not an absolute http(s) URL with a
 * host and without credentials, or is http where only https is allowed.
 */
export function endpointUrl(text: string, allowHttp: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:") || url.hostname === "") {
    throw mistake("Expected an absolute URL such as https://example.com/webhooks.", "url_parsing");
  }
  if (url.protocol === "http:" && !allowHttp) {
    throw mistake("Only https endpoints are allowed here (WEFT_ALLOW_HTTP).", "url_scheme");
  }
  if (url.username !== "" || url.password !== "") {
    throw mistake("A URL must not carry a user name or password; use headers instead.", "url_credentials");
  }
  url.hash = "";
  if (url.href.length > limits.urlLengthMax) {
    throw mistake(`A URL has at most ${limits.urlLengthMax} characters.`, "string_too_long");
  }
  return url.href;
}

function mistake(msg: string, type: string) {
  return validationFailed([{ loc: ["body", "url"], msg, type }]);
}
