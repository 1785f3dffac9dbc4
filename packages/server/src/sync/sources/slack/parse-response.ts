// The sandbox task that parses responses of Slack's Web API.

import { z } from "zod";
import { type Parsers, responseParser } from "../http/response-shapes.ts";

export interface SlackShapes {
  /** `auth.test` */
  readonly team: { readonly url: string };
  /** `users.conversations` */
  readonly channels: { readonly channels: readonly SlackChannel[]; readonly next: string | null };
  /** `conversations.history` and `conversations.replies` */
  readonly messages: { readonly messages: readonly SlackMessage[]; readonly next: string | null };
  /** `users.info` */
  readonly user: { readonly name: string };
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly purpose: string;
  /** Unix seconds. */
  readonly created: number;
}

export interface SlackMessage {
  /** The time of the message, which is also its id in the channel. */
  readonly ts: string;
  readonly subtype: string;
  /** The id of the user; empty for a message of a bot. */
  readonly user: string;
  /** The name that the message itself contains, as messages of bots do. */
  readonly username: string;
  readonly text: string;
  readonly files: readonly string[];
  /** Null when it is not part of a thread. */
  readonly threadTs: string | null;
  readonly replies: number;
  readonly latestReply: string | null;
  readonly editedTs: string | null;
}

const id = z.string().regex(/^[A-Z0-9]{1,32}$/);
const ts = z.string().regex(/^\d{1,12}\.\d{1,9}$/);
const pageSizeMax = 1_000;

const next = z
  .object({ next_cursor: z.string().nullish() })
  .nullish()
  .transform((metadata) => metadata?.next_cursor || null);

const value = z
  .object({ value: z.string().nullish() })
  .nullish()
  .transform((one) => one?.value ?? "");

const channel = z
  .object({ id, name: z.string(), topic: value, purpose: value, created: z.number().default(0) })
  .transform((one): SlackChannel => one);

const name = z.string().nullish();

const message = z
  .object({
    ts,
    subtype: z.string().nullish(),
    user: z.string().nullish(),
    username: name,
    bot_profile: z.object({ name }).nullish(),
    text: z.string().nullish(),
    attachments: z.array(z.object({ text: name, fallback: name })).nullish(),
    files: z.array(z.object({ name, title: name })).nullish(),
    thread_ts: ts.nullish(),
    reply_count: z.number().nullish(),
    latest_reply: ts.nullish(),
    edited: z.object({ ts }).nullish(),
  })
  .transform(
    (one): SlackMessage => ({
      ts: one.ts,
      subtype: one.subtype ?? "",
      user: one.user ?? "",
      username: one.username ?? one.bot_profile?.name ?? "",
      text: [one.text, ...(one.attachments ?? []).map(({ text, fallback }) => text || fallback)]
        .filter((part) => part)
        .join("\n\n"),
      files: (one.files ?? []).flatMap((file) => file.name || file.title || []),
      threadTs: one.thread_ts ?? null,
      replies: one.reply_count ?? 0,
      latestReply: one.latest_reply ?? null,
      editedTs: one.edited?.ts ?? null,
    }),
  );

const parsers: Parsers<SlackShapes> = {
  team: z.object({ url: z.string() }),
  channels: z
    .object({ channels: z.array(channel).max(pageSizeMax), response_metadata: next })
    .transform(({ channels, response_metadata }) => ({ channels, next: response_metadata })),
  messages: z
    .object({
      messages: z.array(message).max(pageSizeMax),
      has_more: z.boolean().default(false),
      response_metadata: next,
    })
    .refine(({ has_more, response_metadata }) => !has_more || response_metadata !== null)
    .transform(({ messages, response_metadata }) => ({ messages, next: response_metadata })),
  user: z
    .object({ user: z.object({ name, real_name: name, profile: z.object({ display_name: name }).nullish() }) })
    .transform(({ user }) => ({ name: user.profile?.display_name || user.real_name || user.name || "" })),
};

const failure = z.object({ ok: z.literal(false), error: z.string(), needed: z.string().optional() });

export const run = responseParser(parsers, (body) => {
  const { data } = failure.safeParse(body);
  return data === undefined ? null : { code: data.error, detail: data.needed };
});
