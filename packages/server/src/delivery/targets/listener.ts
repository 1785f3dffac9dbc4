import { shownAddress, urlMistake } from "./endpoint-url.ts";
import { signedRequest } from "./signed-request.ts";
import { refusals, type TargetRules } from "./target-rules.ts";

const noEndpoint = "A listener has no endpoint: its deliveries go to the program that is connected for it.";

/** A program that keeps a connection to Weft open. It receives the request that a webhook would receive, as an event. */
export const listener: TargetRules = {
  defaults: { ordered: false, rateLimit: null },
  refusedFields: { ...refusals, url: noEndpoint, ordered: noEndpoint, rate_limit: noEndpoint },
  routingKeyMissing: null,
  isCheckable: false,
  urlOf: () => {
    throw urlMistake(noEndpoint, "target");
  },
  storedAddress: shownAddress,
  prepare: (settings) => signedRequest(settings, { origin: settings.target.url, path: "", name: null }),
};
