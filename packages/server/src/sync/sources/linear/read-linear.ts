import { z } from "zod";
import type { SourceContext, SourceItem } from "../../source.ts";
import { isFullReadDue } from "../http/api-settings.ts";
import { linearUrl } from "./linear-addresses.ts";
import { LinearApi } from "./linear-api.ts";
import type { LinearConfig, LinearCredentials, LinearSourceParts } from "./linear-settings.ts";
import { readList } from "./read-nodes.ts";

const stateSchema = z.object({
  /** When everything was last read (Unix ms). */
  fullAt: z.number(),
  /** Changes before this time are stored (Unix ms). */
  since: z.number(),
});

/** Changes of the last minutes are read again by the next job, because clocks differ. */
const overlapMs = 5 * 60_000;

/** Reads everything, or the changes since the cursor. */
export async function* readLinear(
  { owner, config, credentials, accessToken, cursor, signal }: SourceContext<LinearConfig, LinearCredentials>,
  parts: LinearSourceParts,
): AsyncGenerator<SourceItem> {
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
}
