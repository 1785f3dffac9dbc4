import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source } from "../../source.ts";
import { publicSlackApiUrl, slackApiUrl, slackProvider } from "./slack-addresses.ts";
import { config, credentials, type SlackConfig, type SlackSourceParts } from "./slack-settings.ts";

/** Reads channels, and messages with their threads, through Slack's Web API. */
export function slackSource(parts: SlackSourceParts): Source {
  return defineSource({
    shortName: "slack",
    name: "Slack",
    className: "SlackSource",
    description: "Channels and messages of a Slack workspace.",
    authMethods: ["direct", "oauth_browser", "oauth_token"],
    labels: ["Communication"],
    isTest: false,
    detects: { changes: "new messages, and changes of recent ones", deletions: "in every full read" },
    entityTypes: ["channel", "message"],
    silentMsMax: limits.apiWaitMsMax + limits.sourceSilentMsMax,
    config,
    credentials,
    check: async ({ api_url }) => {
      slackApiUrl(api_url, parts);
    },
    credentialsGoTo: ({ api_url }) => new URL(slackApiUrl(api_url, parts)).origin,
    oauth: {
      provider: (settings) => slackProvider(slackApiUrl(settings.api_url, parts), scopesFor(settings)),
      requiresOwnClient: ({ api_url }) => URL.parse(api_url)?.origin !== new URL(publicSlackApiUrl).origin,
    },
    entities: async function* (context) {
      const { readSlack } = await import("./read-workspace.ts");
      yield* readSlack(context, parts);
    },
  });
}

function scopesFor({ private_channels }: Pick<SlackConfig, "private_channels">): string[] {
  const isPrivate = private_channels ? ["groups:history", "groups:read"] : [];
  return ["channels:history", "channels:read", ...isPrivate, "users:read"];
}
