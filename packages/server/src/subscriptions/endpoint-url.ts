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

const mailAddress =
  /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@((?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)*[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)$/i;

/**
 * The URL of one mail address. Throws a 422 when it is none, when this Weft sends no mail (`domains` is null), and when it is none of the
 * domains that mail may be sent to; an empty list is any. Source of the address: the HTML standard's e-mail state.
 */
export function mailUrl(text: string, domains: readonly string[] | null): string {
  if (domains === null) {
    throw mistake(
      "This Weft sends no e-mail: its operator has set no mail server (WEFT_SMTP_URL).",
      "email_unavailable",
    );
  }
  const address = /^mailto:(.+)$/i.exec(text)?.[1] ?? "";
  const domain = mailAddress.exec(address)?.[1]?.toLowerCase();
  if (domain === undefined) {
    throw mistake("Expected one address, such as mailto:ops@example.com.", "url_parsing");
  }
  if (domains.length > 0 && !domains.includes(domain)) {
    throw mistake(`This Weft sends e-mail to ${domains.join(", ")} only (WEFT_SMTP_DOMAINS).`, "email_domain");
  }
  return `mailto:${address}`;
}
