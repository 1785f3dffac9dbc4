import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_SCHEME,
} from "@opentelemetry/semantic-conventions";
import type { Attempt, AttemptOutcome } from "../../domain/attempt.ts";

const rememberedMax = 10_000;

/** The attributes of requests to receivers, by the conventions for HTTP clients. */
export class RequestAttributes {
  readonly #targets = new Map<string, Attributes>();

  of({ url, attemptNumber }: Pick<Attempt, "url" | "attemptNumber">, outcome: AttemptOutcome): Attributes {
    return {
      ...this.#target(url),
      ...(outcome.kind !== "unreachable" && { [ATTR_HTTP_RESPONSE_STATUS_CODE]: outcome.status }),
      ...(attemptNumber > 1 && { [ATTR_HTTP_REQUEST_RESEND_COUNT]: attemptNumber - 1 }),
      ...(outcome.kind === "rejected" && { [ATTR_ERROR_TYPE]: String(outcome.status) }),
      ...(outcome.kind === "unreachable" && { [ATTR_ERROR_TYPE]: outcome.reason }),
    };
  }

  #target(url: string): Attributes {
    const known = this.#targets.get(url);
    if (known !== undefined) return known;
    if (this.#targets.size >= rememberedMax) this.#targets.clear();
    const attributes = targetOf(url);
    this.#targets.set(url, attributes);
    return attributes;
  }
}

/** The path and the query are left out, because they may contain a secret of the tenant. */
function targetOf(text: string): Attributes {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return {};
  const usualPort = url.protocol === "https:" ? 443 : 80;
  return {
    [ATTR_HTTP_REQUEST_METHOD]: "POST",
    [ATTR_URL_SCHEME]: url.protocol.slice(0, -1),
    [ATTR_SERVER_ADDRESS]: url.hostname,
    [ATTR_SERVER_PORT]: url.port === "" ? usualPort : Number(url.port),
  };
}
