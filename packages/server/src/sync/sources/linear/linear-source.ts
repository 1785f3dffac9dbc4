import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source } from "../../source.ts";
import { fullReadHours, isFullReadDue, tokenField } from "../http/api-settings.ts";
import type { JsonApiParts } from "../http/json-api.ts";
import { LinearApi, linearProvider, linearUrl, publicLinearUrl } from "./linear-api.ts";
import { readList } from "./read-nodes.ts";

export interface LinearSourceParts extends JsonApiParts {
  readonly allowHttp: boolean;
}

const config = z.strictObject({
  content: z
    .array(z.enum(["issues", "projects", "documents"]))
    .min(1)
    .default(["issues", "projects", "documents"])
    .describe("What to read."),
  full_every_hours: fullReadHours(24, "How often everything is read, which finds what was deleted permanently."),
  api_url: z
    .string()
    .max(limits.urlLengthMax)
    .default(publicLinearUrl)
    .describe("The address of the API, for a gateway."),
});

const credentials = z.strictObject({
  api_key: tokenField("A personal API key with the permission to read, which begins with lin_api_."),
});

const stateSchema = z.object({
  /** When everything was last read (Unix ms). */
  fullAt: z.number(),
  /** Changes before this time are stored (Unix ms). */
  since: z.number(),
});

/** Changes of the last minutes are read again by the next job, because clocks differ. */
const overlapMs = 5 * 60_000;

/** Reads issues, projects and documents through Linear's GraphQL API. */
export function linearSource(parts: LinearSourceParts): Source {
  return defineSource({
    shortName: "linear",
    name: "Linear",
    className: "LinearSource",
    description: "Issues, projects and documents of Linear.",
    authMethods: ["direct", "oauth_browser", "oauth_token"],
    labels: ["Tickets"],
    isTest: false,
    entityTypes: ["issue", "project", "document"],
    // While the source waits for a rate limit, it returns nothing.
    silentMsMax: limits.apiWaitMsMax + limits.sourceSilentMsMax,
    config,
    credentials,
    check: async ({ api_url }) => {
      linearUrl(api_url, parts);
    },
    credentialsGoTo: ({ api_url }) => new URL(linearUrl(api_url, parts)).origin,
    oauth: {
      provider: ({ api_url }) => linearProvider(linearUrl(api_url, parts)),
      requiresOwnClient: ({ api_url }) => URL.parse(api_url)?.origin !== publicLinearUrl,
    },
    entities: async function* ({ owner, config, credentials, accessToken, cursor, signal }) {
      const { api_key: key } = credentials;
      const token = key === undefined ? accessToken : async () => key;
      const url = linearUrl(config.api_url, parts);
      const api = new LinearApi({ owner, url, token, isKey: key !== undefined }, parts, signal);
      const now = parts.clock.now();
      const last = cursor === null ? null : stateSchema.parse(JSON.parse(cursor));
      const isFull = last === null || isFullReadDue(last.fullAt, config.full_every_hours, now);
      if (!isFull) yield { kind: "rest_stays" };
      for (const name of new Set(config.content)) yield* readList(api, name, isFull ? null : last.since);
      const fullAt = isFull ? now : last.fullAt;
      yield { kind: "cursor", value: JSON.stringify({ fullAt, since: now - overlapMs }) };
    },
  });
}
