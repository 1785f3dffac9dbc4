import { defineTask } from "../../../sandbox/task.ts";
import { type ApiDialect, JsonApi, type JsonApiParts, type JsonApiSettings } from "../http/json-api.ts";
import type { ApiResponseText, ParsedResponse } from "../http/response-shapes.ts";
import type { NotionShapes } from "./parse-response.ts";

/** Only the sandbox loads the parsers. */
const parseNotionResponse = defineTask<ApiResponseText, ParsedResponse>(
  new URL("./parse-response.ts", import.meta.url),
);

const dialect: ApiDialect = {
  name: "Notion",
  urlSetting: "api_url",
  task: parseNotionResponse,
  headers: { "notion-version": "2025-09-03" },
  authorization: (token) => `Bearer ${token}`,
  judge: () => null,
};

export type NotionApi = JsonApi<NotionShapes>;

/** The requests of one job to Notion. */
export function openNotion(settings: JsonApiSettings, parts: JsonApiParts, signal: AbortSignal): NotionApi {
  return new JsonApi(dialect, settings, parts, signal);
}

/** The errors of an object that was deleted, or that is not shared with the integration. */
export const absentObject = ["object_not_found", 404] as const;
