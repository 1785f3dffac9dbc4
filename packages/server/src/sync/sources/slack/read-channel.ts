import { limits } from "../../../domain/limits.ts";
import type { SourceEntity, SourceItem } from "../../source.ts";
import { entityName, plainText } from "../http/plain-text.ts";
import { slackText } from "./message-text.ts";
import type { SlackChannel, SlackMessage } from "./parse-response.ts";
import type { SlackApi } from "./slack-api.ts";
import type { UserNames } from "./user-names.ts";

export interface ChannelOptions {
  /** The workspace's web address without a trailing slash; null when it is unknown. */
  readonly webAddress: string | null;
  readonly readsThreads: boolean;
  /** Messages before this time are not listed (Unix s). */
  readonly oldest: number;
  /** Messages that were written, edited or replied to before this time are omitted (Unix s). */
  readonly changedSince: number;
}

export function channelEntity(channel: SlackChannel, webAddress: string | null): SourceEntity {
  const { id, topic, purpose } = channel;
  const name = channelName(channel);
  const text = [`# ${name}`, topic && `Topic: ${topic}`, purpose && `Purpose: ${purpose}`].filter(Boolean).join("\n\n");
  return {
    ...{ kind: "entity", id, type: "channel", name, text: plainText(text) },
    ...(webAddress !== null && { url: `${webAddress}/archives/${id}` }),
    ...(channel.created > 0 && { createdAt: channel.created * 1_000 }),
  };
}

/** Reads the messages of a channel, newest first, each with the replies of its thread. */
export async function* readChannel(
  api: SlackApi,
  { channel, users }: { readonly channel: SlackChannel; readonly users: UserNames },
  options: ChannelOptions,
): AsyncGenerator<SourceItem> {
  const parameters = { channel: channel.id, oldest: String(options.oldest), inclusive: "true" };
  const absent = ["not_in_channel", "channel_not_found"];
  for await (const page of api.pages("conversations.history", { shape: "messages", parameters, absent })) {
    if (page === null) {
      const reason = "The app is not a member of the channel, or the channel is no longer available.";
      yield { kind: "problem", id: channel.id, reason, keeps: "everything" };
      return;
    }
    for (const message of page.messages) {
      if (!isRead(message) || changedAt(message) < options.changedSince) continue;
      yield await messageItem(api, message, { channel, users, options });
    }
  }
}

/** Other subtypes are notices about the channel, such as that a user joined it. */
const readSubtypes = ["", "bot_message", "file_share", "me_message"];

/** Replies are read with the message that their thread begins with, also if they are shown in the channel. */
function isRead({ subtype, ts, threadTs }: SlackMessage): boolean {
  return readSubtypes.includes(subtype) && (threadTs === null || threadTs === ts);
}

/** Unix seconds. */
function changedAt({ ts, editedTs, latestReply }: SlackMessage): number {
  return Math.max(Number(ts), Number(editedTs ?? 0), Number(latestReply ?? 0));
}

async function messageItem(
  api: SlackApi,
  message: SlackMessage,
  { channel, users, options }: { channel: SlackChannel; users: UserNames; options: ChannelOptions },
): Promise<SourceItem> {
  const hasThread = options.readsThreads && message.replies > 0;
  const replies = hasThread ? await repliesTo(api, message, channel) : [];
  await users.learn([message, ...replies]);
  const nameOf = (id: string) => users.nameOf(id);
  const parts = [message, ...replies].map((one) => {
    const author = one.username || nameOf(one.user) || "unknown";
    const files = one.files.length === 0 ? "" : `\n\nFiles: ${one.files.join(", ")}`;
    return `## ${author}, ${new Date(millisecondsOf(one.ts)).toISOString().slice(0, 10)}\n\n${slackText(one.text, nameOf)}${files}`;
  });
  const firstLine = slackText(message.text, nameOf).slice(0, titleLengthMax).trimStart().split("\n", 1)[0] ?? "";
  return {
    kind: "entity",
    id: `${channel.id}/${message.ts}`,
    type: "message",
    name: entityName(firstLine, `Message in ${channelName(channel)}`),
    text: plainText(parts.join("\n\n")),
    ...(options.webAddress !== null && {
      url: `${options.webAddress}/archives/${channel.id}/p${message.ts.replace(".", "")}`,
    }),
    createdAt: millisecondsOf(message.ts),
    updatedAt: Math.round(changedAt(message) * 1_000),
    breadcrumbs: [{ id: channel.id, type: "channel", name: channelName(channel) }],
  };
}

const titleLengthMax = 80;

function channelName({ name }: SlackChannel): string {
  return entityName(`#${name}`, "#");
}

function millisecondsOf(ts: string): number {
  return Math.round(Number(ts) * 1_000);
}

/** The replies of a thread. Text beyond the limit of an entity is not read, because the entity is too large already. */
async function repliesTo(api: SlackApi, { ts }: SlackMessage, channel: SlackChannel): Promise<SlackMessage[]> {
  const replies: SlackMessage[] = [];
  let length = 0;
  const parameters = { channel: channel.id, ts };
  const absent = ["thread_not_found"];
  for await (const page of api.pages("conversations.replies", { shape: "messages", parameters, absent })) {
    // Every page may begin with the message itself.
    const fresh = (page?.messages ?? []).filter((reply) => reply.ts !== ts);
    replies.push(...fresh);
    for (const { text } of fresh) length += text.length;
    if (length > limits.entityTextBytesMax || replies.length >= limits.slackRepliesMax) break;
  }
  return replies;
}
