import { z } from "zod";
import type { SourceContext, SourceItem } from "../../source.ts";
import { isFullReadDue } from "../http/api-settings.ts";
import { clientTokens } from "./client-tokens.ts";
import { readRecords } from "./read-records.ts";
import { salesforceUrl } from "./salesforce-addresses.ts";
import { openSalesforce, type SalesforceApi } from "./salesforce-api.ts";
import type { SalesforceConfig, SalesforceCredentials, SalesforceSourceParts } from "./salesforce-settings.ts";

const stateSchema = z.object({
  /** When everything was last read (Unix ms). */
  fullAt: z.number(),
  /** The time up to which the changes of each object are stored (Unix ms). */
  objects: z.record(z.string(), z.number()),
});

type State = z.output<typeof stateSchema>;

/** A record appears when its transaction ends, which may be minutes after its time of change. */
const overlapMs = 5 * 60_000;

/** Reads everything, or the changes since the cursor. */
export async function* readSalesforce(
  { owner, config, credentials, accessToken, cursor, signal }: SourceContext<SalesforceConfig, SalesforceCredentials>,
  parts: SalesforceSourceParts,
): AsyncGenerator<SourceItem> {
  const { client_id: clientId, client_secret: clientSecret } = credentials;
  const url = salesforceUrl(config.url, parts);
  const token =
    clientId === undefined || clientSecret === undefined
      ? accessToken
      : clientTokens({ owner, url, clientId, clientSecret }, parts, signal);
  const settings = { owner, url, token, usagePercentMax: config.api_usage_percent_max };
  const api = openSalesforce(settings, parts, signal);
  const now = parts.clock.now();
  const last = cursor === null ? null : stateSchema.parse(JSON.parse(cursor));
  const before = last === null || isFullReadDue(last.fullAt, config.full_every_hours, now) ? null : last;
  if (before !== null) yield { kind: "rest_stays" };
  yield* readObjects(api, { objects: new Set(config.objects), before, now, origin: url });
}

interface Reading {
  readonly objects: ReadonlySet<SalesforceConfig["objects"][number]>;
  /** Null when everything is read. */
  readonly before: State | null;
  readonly now: number;
  readonly origin: string;
}

async function* readObjects(api: SalesforceApi, { objects, before, now, origin }: Reading): AsyncGenerator<SourceItem> {
  let state: State = before ?? { fullAt: now, objects: {} };
  for (const object of objects) {
    const since = before !== null && Object.hasOwn(before.objects, object) ? (before.objects[object] ?? 0) : null;
    for await (const { items, changedAt } of readRecords(api, { object, origin, since })) {
      yield* items;
      // A read of everything that ends early starts again from the beginning.
      if (before === null || changedAt === null) continue;
      state = reached(state, object, Math.min(changedAt, now - overlapMs));
      yield cursorItem(state);
    }
    state = reached(state, object, now - overlapMs);
    if (before !== null) yield cursorItem(state);
  }
  if (before === null) yield cursorItem(state);
}

function reached(state: State, object: string, time: number): State {
  return { ...state, objects: { ...state.objects, [object]: time } };
}

function cursorItem(state: State): SourceItem {
  return { kind: "cursor", value: JSON.stringify(state) };
}
