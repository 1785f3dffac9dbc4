import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source } from "../../source.ts";
import { fullReadHours, isFullReadDue, tokenField } from "../http/api-settings.ts";
import type { JsonApiParts } from "../http/json-api.ts";
import { ContainerNames } from "./container-names.ts";
import { notionProvider, notionUrl, openNotion, publicNotionUrl } from "./notion-api.ts";
import { readObjects, readTrash } from "./read-objects.ts";

export interface NotionSourceParts extends JsonApiParts {
  readonly allowHttp: boolean;
}

const config = z.strictObject({
  full_every_hours: fullReadHours(24, "How often all pages are listed, which finds those that are no longer shared."),
  api_url: z
    .string()
    .max(limits.urlLengthMax)
    .default(publicNotionUrl)
    .describe("The address of the API, for a gateway."),
});

const credentials = z.strictObject({
  token: tokenField("The token of an internal integration with the capability to read content."),
});

const stateSchema = z.object({
  /** When all objects were last listed (Unix ms). */
  fullAt: z.number(),
  /** Edits before this time are stored (Unix ms). */
  since: z.number(),
});

/** Notion's times of edits have minutes, and its search finds an edit only after a while. */
const overlapMs = 10 * 60_000;

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
    entities: async function* ({ owner, config, credentials, accessToken, cursor, storedHash, signal }) {
      const { token: direct } = credentials;
      const token = direct === undefined ? accessToken : async () => direct;
      const api = openNotion({ owner, url: notionUrl(config.api_url, parts), token }, parts, signal);
      const now = parts.clock.now();
      const last = cursor === null ? null : stateSchema.parse(JSON.parse(cursor));
      const isFull = last === null || isFullReadDue(last.fullAt, config.full_every_hours, now);
      if (!isFull) yield { kind: "rest_stays" };
      const since = last?.since ?? 0;
      yield* readObjects(api, { containers: new ContainerNames(api), since, isFull, storedHash });
      if (!isFull) yield* readTrash(api, since);
      const fullAt = isFull ? now : last.fullAt;
      yield { kind: "cursor", value: JSON.stringify({ fullAt, since: now - overlapMs }) };
    },
  });
}
