import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source, type SourceItem } from "../../source.ts";
import { fullReadHours, isFullReadDue, tokenField } from "../http/api-settings.ts";
import type { JsonApiParts } from "../http/json-api.ts";
import { clientTokens } from "./client-tokens.ts";
import { readRecords } from "./read-records.ts";
import {
  isSalesforce,
  openSalesforce,
  type SalesforceApi,
  salesforceProvider,
  salesforceUrl,
} from "./salesforce-api.ts";

export interface SalesforceSourceParts extends JsonApiParts {
  readonly allowHttp: boolean;
}

const config = z.strictObject({
  url: z
    .string()
    .max(limits.urlLengthMax)
    .describe("The My Domain URL of the org, such as https://example.my.salesforce.com."),
  objects: z
    .array(z.string().regex(/^[A-Za-z]\w{0,79}$/, { error: "Expected an API name, such as Account or Invoice__c." }))
    .min(1)
    .max(limits.salesforceObjectsMax)
    .default(["Account", "Contact", "Lead", "Opportunity", "Case"])
    .describe("The API names of the objects to read, such as Account or Invoice__c."),
  api_usage_percent_max: z
    .int()
    .min(1)
    .max(100)
    .default(90)
    .describe(
      "The share of the org's API requests of 24 hours at which a job ends, so that other programs have the rest.",
    ),
  full_every_hours: fullReadHours(
    7 * 24,
    "How often everything is read, which finds records that were deleted permanently.",
  ),
});

type Config = z.output<typeof config>;

const credentials = z.strictObject({
  client_id: tokenField("The consumer key of an external client app that may use the client credentials flow."),
  client_secret: tokenField("The consumer secret of the app."),
});

const stateSchema = z.object({
  /** When everything was last read (Unix ms). */
  fullAt: z.number(),
  /** The time up to which the changes of each object are stored (Unix ms). */
  objects: z.record(z.string(), z.number()),
});

type State = z.output<typeof stateSchema>;

/** A record appears when its transaction ends, which may be minutes after its time of change. */
const overlapMs = 5 * 60_000;

/** Reads the records of standard and custom objects through Salesforce's REST API. */
export function salesforceSource(parts: SalesforceSourceParts): Source {
  return defineSource({
    shortName: "salesforce",
    name: "Salesforce",
    className: "SalesforceSource",
    description: "Accounts, contacts, leads, opportunities, cases and other objects of Salesforce.",
    authMethods: ["direct", "oauth_browser", "oauth_token"],
    labels: ["CRM"],
    isTest: false,
    entityTypes: ["account", "contact", "lead", "opportunity", "case"],
    // While the source waits for a rate limit, it returns nothing.
    silentMsMax: limits.apiWaitMsMax + limits.sourceSilentMsMax,
    config,
    credentials,
    check: async ({ url }) => {
      salesforceUrl(url, parts);
    },
    credentialsGoTo: ({ url }) => salesforceUrl(url, parts),
    oauth: {
      provider: ({ url }) => salesforceProvider(salesforceUrl(url, parts)),
      requiresOwnClient: ({ url }) => !isSalesforce(url),
    },
    entities: async function* ({ owner, config, credentials, accessToken, cursor, signal }) {
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
    },
  });
}

interface Reading {
  readonly objects: ReadonlySet<Config["objects"][number]>;
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
