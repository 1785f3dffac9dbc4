import { z } from "zod";
import type { SourceContext, SourceItem } from "../../source.ts";
import { isFullReadDue } from "../http/api-settings.ts";
import { readArticles } from "./read-articles.ts";
import { readTickets } from "./read-tickets.ts";
import { zendeskUrl } from "./zendesk-addresses.ts";
import { openZendesk, type ZendeskApi } from "./zendesk-api.ts";
import type { ZendeskConfig, ZendeskCredentials, ZendeskSourceParts } from "./zendesk-settings.ts";

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

/** Reads everything, or the changes since the cursor. */
export async function* readZendesk(
  {
    owner,
    config,
    credentials,
    accessToken,
    cursor,
    storedHash,
    signal,
  }: SourceContext<ZendeskConfig, ZendeskCredentials>,
  parts: ZendeskSourceParts,
): AsyncGenerator<SourceItem> {
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
}

interface Reading extends Pick<SourceContext<unknown, unknown>, "storedHash" | "owner"> {
  readonly config: ZendeskConfig;
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
