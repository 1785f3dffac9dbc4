import { z } from "zod";
import type { SourceContext, SourceItem } from "../../source.ts";
import { isFullReadDue } from "../http/api-settings.ts";
import { ContainerNames } from "./container-names.ts";
import { notionUrl } from "./notion-addresses.ts";
import { openNotion } from "./notion-api.ts";
import type { NotionConfig, NotionCredentials, NotionSourceParts } from "./notion-settings.ts";
import { readObjects, readTrash } from "./read-objects.ts";

const stateSchema = z.object({
  /** When all objects were last listed (Unix ms). */
  fullAt: z.number(),
  /** Edits before this time are stored (Unix ms). */
  since: z.number(),
});

/** Notion's times of edits have minutes, and its search finds an edit only after a while. */
const overlapMs = 10 * 60_000;

/** Reads everything, or the changes since the cursor. */
export async function* readNotion(
  {
    owner,
    config,
    credentials,
    accessToken,
    cursor,
    storedHash,
    signal,
  }: SourceContext<NotionConfig, NotionCredentials>,
  parts: NotionSourceParts,
): AsyncGenerator<SourceItem> {
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
}
