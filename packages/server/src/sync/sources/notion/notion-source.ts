import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source } from "../../source.ts";
import { notionProvider, notionUrl, publicNotionUrl } from "./notion-addresses.ts";
import { config, credentials, type NotionSourceParts } from "./notion-settings.ts";

/** Reads the pages and data sources that a Notion integration has access to. */
export function notionSource(parts: NotionSourceParts): Source {
  return defineSource({
    shortName: "notion",
    name: "Notion",
    className: "NotionSource",
    description: "Pages and databases of Notion.",
    authMethods: ["direct", "oauth_browser", "oauth_token"],
    labels: ["Documents"],
    isTest: false,
    detects: {
      changes: "by the time of the last edit",
      deletions: "trashed pages in every job, others in every full read",
    },
    entityTypes: ["page", "data_source"],
    // While the source waits for a rate limit, it returns nothing.
    silentMsMax: limits.apiWaitMsMax + limits.sourceSilentMsMax,
    config,
    credentials,
    check: async ({ api_url }) => {
      notionUrl(api_url, parts);
    },
    credentialsGoTo: ({ api_url }) => new URL(notionUrl(api_url, parts)).origin,
    oauth: {
      provider: ({ api_url }) => notionProvider(notionUrl(api_url, parts)),
      requiresOwnClient: ({ api_url }) => URL.parse(api_url)?.origin !== publicNotionUrl,
    },
    entities: async function* (context) {
      const { readNotion } = await import("./read-notion.ts");
      yield* readNotion(context, parts);
    },
  });
}
