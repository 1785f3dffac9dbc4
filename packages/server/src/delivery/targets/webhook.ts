import { parseRequestUrl } from "../../outbound/exchange.ts";
import { endpointUrl, shownAddress } from "./endpoint-url.ts";
import { signedRequest } from "./signed-request.ts";
import { refusals, type TargetRules } from "./target-rules.ts";

/** A program at a URL. It receives the payload as it was accepted, in a signed request. */
export const webhook: TargetRules = {
  defaults: { ordered: false, rateLimit: null },
  refusedFields: { template: refusals.template, routing_key: refusals.routing_key },
  routingKeyMissing: null,
  isCheckable: true,
  urlOf: endpointUrl,
  storedAddress: shownAddress,
  prepare: (settings) => signedRequest(settings, parseRequestUrl(settings.target.url)),
};
