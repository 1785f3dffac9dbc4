import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { type SourceContext, SourceError, type SourceItem } from "../../source.ts";
import { isFullReadDue } from "../http/api-settings.ts";
import type { SlackChannel } from "./parse-response.ts";
import { channelEntity, readChannel } from "./read-channel.ts";
import { slackApiUrl } from "./slack-addresses.ts";
import { SlackApi } from "./slack-api.ts";
import type { SlackConfig, SlackCredentials, SlackSourceParts } from "./slack-settings.ts";
import { UserNames } from "./user-names.ts";

const stateSchema = z.object({
  /** When all messages were last read (Unix ms). */
  fullAt: z.number(),
  /** The time up to which each channel was read (Unix s). */
  channels: z.record(z.string(), z.number()),
});

type State = z.output<typeof stateSchema>;

/** Reads everything, or the changes since the cursor. */
export async function* readSlack(
  { owner, config, credentials, accessToken, cursor, signal }: SourceContext<SlackConfig, SlackCredentials>,
  parts: SlackSourceParts,
): AsyncGenerator<SourceItem> {
  const { token } = credentials;
  const settings = {
    owner,
    url: slackApiUrl(config.api_url, parts),
    token: token === undefined ? accessToken : async () => token,
  };
  const api = new SlackApi(settings, parts, signal);
  const now = parts.clock.now();
  const last = cursor === null ? null : stateSchema.parse(JSON.parse(cursor));
  const before = last === null || isFullReadDue(last.fullAt, config.full_every_hours, now) ? null : last;
  if (before !== null) yield { kind: "rest_stays" };
  yield* readWorkspace(api, { config, before, now });
}

/** Messages of the last minutes are read again by the next job, because clocks differ. */
const overlapSeconds = 300;
const daySeconds = 86_400;

interface Reading {
  readonly config: SlackConfig;
  /** Null when everything is read. */
  readonly before: State | null;
  readonly now: number;
}

async function* readWorkspace(api: SlackApi, { config, before, now }: Reading): AsyncGenerator<SourceItem> {
  const channels = await channelsOf(api, config);
  const webAddress = await webAddressOf(api);
  const users = new UserNames(api);
  const nowSeconds = Math.floor(now / 1_000);
  const first = config.history_days === undefined ? 0 : nowSeconds - config.history_days * daySeconds;
  let state: State = before ?? { fullAt: now, channels: {} };
  for (const channel of channels) {
    yield channelEntity(channel, webAddress);
    const readAt =
      before !== null && Object.hasOwn(before.channels, channel.id) ? before.channels[channel.id] : undefined;
    const oldest = Math.max(first, (readAt ?? 0) - config.reread_days * daySeconds, 0);
    const options = { webAddress, readsThreads: config.threads, oldest, changedSince: readAt ?? 0 };
    yield* readChannel(api, { channel, users }, options);
    state = { ...state, channels: { ...state.channels, [channel.id]: nowSeconds - overlapSeconds } };
    if (before !== null) yield cursorItem(state);
  }
  if (before === null) yield cursorItem(state);
}

async function channelsOf(api: SlackApi, config: SlackConfig): Promise<SlackChannel[]> {
  const selected = new Set(config.channels.map((name) => name.replace(/^#/, "")));
  const types = config.private_channels ? "public_channel,private_channel" : "public_channel";
  const parameters = { types, exclude_archived: "true" };
  const channels = new Map<string, SlackChannel>();
  for await (const page of api.pages("users.conversations", { shape: "channels", parameters })) {
    for (const channel of page?.channels ?? []) {
      if (selected.size === 0 || selected.has(channel.name) || selected.has(channel.id))
        channels.set(channel.id, channel);
    }
    if (channels.size > limits.slackChannelsMax) {
      throw new SourceError(
        `The app is a member of more than ${limits.slackChannelsMax} channels. Select some in \`channels\`.`,
      );
    }
  }
  const found = new Set([...channels.values()].flatMap(({ id, name }) => [id, name]));
  const missing = [...selected].find((name) => !found.has(name));
  if (missing === undefined) return [...channels.values()];
  throw new SourceError(
    `The app is not a member of the channel ${missing}, or the channel does not exist. Invite the app to it.`,
  );
}

async function webAddressOf(api: SlackApi): Promise<string | null> {
  const team = await api.call("auth.test", { shape: "team" });
  const url = URL.parse(team?.url ?? "");
  return url?.protocol === "https:" ? url.origin : null;
}

function cursorItem(state: State): SourceItem {
  return { kind: "cursor", value: JSON.stringify(state) };
}
