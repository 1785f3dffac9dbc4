import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source } from "../../source.ts";
import { isZendesk, zendeskProvider, zendeskUrl } from "./zendesk-addresses.ts";
import { config, credentials, type ZendeskSourceParts } from "./zendesk-settings.ts";

/** Reads tickets with their comments, and articles of the help center. */
export function zendeskSource(parts: ZendeskSourceParts): Source {
  return defineSource({
    shortName: "zendesk",
    name: "Zendesk",
    className: "ZendeskSource",
    description: "Tickets and help center articles of Zendesk.",
    authMethods: ["direct", "oauth_browser", "oauth_token"],
    labels: ["Tickets", "Documents"],
    isTest: false,
    detects: {
      changes: "by the position in Zendesk's export, and by the time of the last change",
      deletions: "tickets in every job, articles in every full read",
    },
    entityTypes: ["ticket", "article"],
    // While the source waits for a rate limit, it returns nothing.
    silentMsMax: limits.apiWaitMsMax + limits.sourceSilentMsMax,
    config,
    credentials,
    check: async ({ url }) => {
      zendeskUrl(url, parts);
    },
    credentialsGoTo: ({ url }) => zendeskUrl(url, parts),
    oauth: {
      provider: ({ url }) => zendeskProvider(zendeskUrl(url, parts)),
      requiresOwnClient: ({ url }) => !isZendesk(url),
    },
    entities: async function* (context) {
      const { readZendesk } = await import("./read-account.ts");
      yield* readZendesk(context, parts);
    },
  });
}
