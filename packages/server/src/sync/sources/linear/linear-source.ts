import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source } from "../../source.ts";
import { linearProvider, linearUrl, publicLinearUrl } from "./linear-addresses.ts";
import { config, credentials, type LinearSourceParts } from "./linear-settings.ts";

/** Reads issues, projects and documents through Linear's GraphQL API. */
export function linearSource(parts: LinearSourceParts): Source {
  return defineSource({
    shortName: "linear",
    name: "Linear",
    className: "LinearSource",
    description: "Issues, projects and documents of Linear.",
    authMethods: ["direct", "oauth_browser", "oauth_token"],
    labels: ["Tickets"],
    isTest: false,
    detects: {
      changes: "by the time of the last change",
      deletions: "archived entities in every job, others in every full read",
    },
    entityTypes: ["issue", "project", "document"],
    // While the source waits for a rate limit, it returns nothing.
    silentMsMax: limits.apiWaitMsMax + limits.sourceSilentMsMax,
    config,
    credentials,
    check: async ({ api_url }) => {
      linearUrl(api_url, parts);
    },
    credentialsGoTo: ({ api_url }) => new URL(linearUrl(api_url, parts)).origin,
    oauth: {
      provider: ({ api_url }) => linearProvider(linearUrl(api_url, parts)),
      requiresOwnClient: ({ api_url }) => URL.parse(api_url)?.origin !== publicLinearUrl,
    },
    entities: async function* (context) {
      const { readLinear } = await import("./read-linear.ts");
      yield* readLinear(context, parts);
    },
  });
}
