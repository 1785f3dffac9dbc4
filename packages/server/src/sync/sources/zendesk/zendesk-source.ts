import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source, type SourceContext, type SourceItem } from "../../source.ts";
import { fullReadHours, isFullReadDue, tokenField } from "../http/api-settings.ts";
import type { JsonApiParts } from "../http/json-api.ts";
import { readArticles } from "./read-articles.ts";
import { readTickets } from "./read-tickets.ts";
import { isZendesk, openZendesk, type ZendeskApi, zendeskProvider, zendeskUrl } from "./zendesk-api.ts";

export interface ZendeskSourceParts extends JsonApiParts {
  readonly allowHttp: boolean;
}

const config = z.strictObject({
  url: z.string().max(limits.urlLengthMax).describe("The address of the account, such as https://example.zendesk.com."),
  content: z
    .array(z.enum(["tickets", "articles"]))
    .min(1)
    .default(["tickets", "articles"])
    .describe("What to read."),
  comments: z
    .boolean()
    .default(true)
    .describe("Whether the comments of tickets are read. Each ticket then takes a request."),
  internal_notes: z.boolean().default(false).describe("Whether the internal notes of agents are read too."),
  full_every_hours: fullReadHours(7 * 24, "How often everything is listed, which finds deleted articles."),
});

type Config = z.output<typeof config>;

const credentials = z.strictObject({
  email: z
    .string()
    .min(3)
    .max(limits.nameLengthMax)
    .regex(/^[^\s:]+@[^\s:]+$/, { error: "Expected an e-mail address." })
    .describe("The e-mail address of a user with the role Admin."),
  api_token: tokenField("A token for the API, from the Admin Center of the account."),
});

const stateSchema = z.object({
  /** When everything was last listed (Unix ms). */
  fullAt: z.number(),
  /** Changes before this time are stored (Unix ms). */
  since: z.number(),
  /** The position in the export of tickets. */
  tickets: z.string().nullable(),
});

type State = z.output<typeof stateSchema>;

/** The export omits changes of the last minute, and clocks differ. */
const overlapMs = 5 * 60_000;

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
    entities: async function* ({ owner, config, credentials, accessToken, cursor, storedHash, signal }) {
      const { api_token: direct, email = null } = credentials;
      const url = zendeskUrl(config.url, parts);
      const token = direct === undefined ? accessToken : async () => direct;
      const api = openZendesk({ owner, url, token, email }, parts, signal);
      const now = parts.clock.now();
      const last = cursor === null ? null : stateSchema.parse(JSON.parse(cursor));
      const isFull = last === null || isFullReadDue(last.fullAt, config.full_every_hours, now);
      if (!isFull) yield { kind: "rest_stays" };
      const reading = { config, last, isFull, now, origin: url, storedHash, owner, sandbox: parts.sandbox };
      yield* readAccount(api, reading);
    },
  });
}

interface Reading extends Pick<SourceContext<unknown, unknown>, "storedHash" | "owner"> {
  readonly config: Config;
  readonly last: State | null;
  readonly isFull: boolean;
  readonly now: number;
  readonly origin: string;
  readonly sandbox: ZendeskSourceParts["sandbox"];
}

async function* readAccount(api: ZendeskApi, reading: Reading): AsyncGenerator<SourceItem> {
  const { config, last, isFull, now } = reading;
  const since = last?.since ?? 0;
  let tickets = last?.tickets ?? null;
  if (config.content.includes("tickets")) {
    const settings = { readsComments: config.comments, readsInternalNotes: config.internal_notes };
    const from = { ...reading, ...settings, since, cursor: isFull ? null : tickets };
    for await (const step of readTickets(api, from)) {
      yield* step.items;
      tickets = step.cursor;
      // A full read that ends early starts again from the beginning.
      if (!isFull && last !== null) yield cursorItem({ ...last, tickets });
    }
  }
  if (config.content.includes("articles")) yield* readArticles(api, { ...reading, since });
  yield cursorItem({ fullAt: isFull ? now : (last?.fullAt ?? now), since: now - overlapMs, tickets });
}

function cursorItem(state: State): SourceItem {
  return { kind: "cursor", value: JSON.stringify(state) };
}
