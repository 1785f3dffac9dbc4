import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { fullReadHours, tokenField } from "../http/api-settings.ts";
import type { JsonApiParts } from "../http/json-api.ts";
import { publicNotionUrl } from "./notion-addresses.ts";

export interface NotionSourceParts extends JsonApiParts {
  readonly allowHttp: boolean;
}

export const config = z.strictObject({
  full_every_hours: fullReadHours(24, "How often all pages are listed, which finds those that are no longer shared."),
  api_url: z
    .string()
    .max(limits.urlLengthMax)
    .default(publicNotionUrl)
    .describe("The address of the API, for a gateway."),
});

export const credentials = z.strictObject({
  token: tokenField("The token of an internal integration with the capability to read content."),
});

export type NotionConfig = z.output<typeof config>;
export type NotionCredentials = Partial<z.output<typeof credentials>>;
