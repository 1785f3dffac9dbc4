import type { OAuthProvider } from "../../oauth/provider.ts";
import { apiUrl } from "../http/api-url.ts";
import { type ApiDialect, JsonApi, type JsonApiParts, type JsonApiSettings } from "../http/json-api.ts";
import { type NotionShapes, parseNotionResponse } from "./parse-response.ts";

export const publicNotionUrl = "https://api.notion.com";

/** Throws a SourceError when it is not the URL of an allowed API. */
export function notionUrl(text: string, { allowHttp }: { readonly allowHttp: boolean }): string {
  return apiUrl(text, { setting: "api_url", example: publicNotionUrl, allowHttp });
}

export function notionProvider(api: string): OAuthProvider {
  return {
    issuer: new URL(api).origin,
    authorizeUrl: `${api}/v1/oauth/authorize`,
    tokenUrl: `${api}/v1/oauth/token`,
    // Notion's revocation expects JSON and another authentication than the standard's.
    revocationUrl: null,
    // The owner selects the pages in the browser, and the integration's capabilities limit the rest.
    scopes: [],
    authorizeParameters: { owner: "user" },
    clientAuthentication: "plain_basic",
    tokenRequests: "json",
    pkce: false,
    grantErrors: [],
  };
}

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

/** The errors of an object that was deleted, or that the token has no access to. */
export const absentObject = ["object_not_found", "restricted_resource", 404] as const;
