import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { fullReadHours, tokenField } from "../http/api-settings.ts";
import type { JsonApiParts } from "../http/json-api.ts";
import { publicSlackApiUrl } from "./slack-addresses.ts";

export interface SlackSourceParts extends JsonApiParts {
  readonly allowHttp: boolean;
}

export const config = z.strictObject({
  channels: z
    .array(z.string().min(1).max(limits.nameLengthMax))
    .max(limits.slackChannelsMax)
    .default([])
    .describe("Names or ids of the channels to read. Without any, all channels that the app is a member of are read."),
  private_channels: z.boolean().default(false).describe("Whether private channels are read too."),
  threads: z.boolean().default(true).describe("Whether the replies to messages are read."),
  history_days: z
    .int()
    .min(1)
    .max(limits.slackHistoryDaysMax)
    .optional()
    .describe("The age of the oldest messages that are read. Without it, all messages are read."),
  reread_days: z
    .int()
    .min(0)
    .max(limits.slackHistoryDaysMax)
    .default(7)
    .describe("The age up to which each job finds edits of messages and new replies."),
  full_every_hours: fullReadHours(7 * 24, "How often all messages are read, which finds those that were deleted."),
  api_url: z
    .string()
    .max(limits.urlLengthMax)
    .default(publicSlackApiUrl)
    .describe("The address of the Web API, for a gateway or another Slack environment."),
});

export const credentials = z.strictObject({
  token: tokenField("The token of a bot or a user of a Slack app, which begins with xoxb- or xoxp-."),
});

export type SlackConfig = z.output<typeof config>;
export type SlackCredentials = Partial<z.output<typeof credentials>>;
