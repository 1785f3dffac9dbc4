import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { fullReadHours, tokenField } from "../http/api-settings.ts";
import type { JsonApiParts } from "../http/json-api.ts";

export interface ZendeskSourceParts extends JsonApiParts {
  readonly allowHttp: boolean;
}

export const config = z.strictObject({
  url: z.string().max(limits.urlLengthMax).describe("The address of the account, such as https://example.zendesk.com."),
  content: z
    .array(z.enum(["tickets", "articles"]))
    .min(1)
    .default(["tickets", "articles"])
    .describe("What to read."),
  comments: z
    .boolean()
    .default(true)
    .describe("Whether the comments of tickets are read. Each ticket then takes a request."),
  internal_notes: z.boolean().default(false).describe("Whether the internal notes of agents are read too."),
  full_every_hours: fullReadHours(7 * 24, "How often everything is listed, which finds deleted articles."),
});

export const credentials = z.strictObject({
  email: z
    .string()
    .min(3)
    .max(limits.nameLengthMax)
    .regex(/^[^\s:]+@[^\s:]+$/, { error: "Expected an e-mail address." })
    .describe("The e-mail address of a user with the role Admin."),
  api_token: tokenField("A token for the API, from the Admin Center of the account."),
});

export type ZendeskConfig = z.output<typeof config>;
export type ZendeskCredentials = Partial<z.output<typeof credentials>>;
