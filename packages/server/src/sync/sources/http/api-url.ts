import { SourceError } from "../../source.ts";

export interface ApiUrlRules {
  /** The name of the setting, for error messages. */
  readonly setting: string;
  /** A valid value, for error messages. */
  readonly example: string;
  readonly allowHttp: boolean;
}

/** The URL of an API has no trailing slash. Throws a SourceError when a source may not use it. */
export function apiUrl(text: string, { setting, example, allowHttp }: ApiUrlRules): string {
  const url = URL.parse(text);
  const isHttp = url?.protocol === "http:" && allowHttp;
  if (url === null || (url.protocol !== "https:" && !isHttp)) {
    throw new SourceError(`\`${setting}\` must begin with https://, such as ${example}.`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new SourceError(`\`${setting}\` must not have a user, a password, a query or a fragment.`);
  }
  return url.href.replace(/\/+$/, "");
}
