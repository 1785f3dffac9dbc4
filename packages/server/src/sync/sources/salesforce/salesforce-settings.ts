import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { fullReadHours, tokenField } from "../http/api-settings.ts";
import type { JsonApiParts } from "../http/json-api.ts";

export interface SalesforceSourceParts extends JsonApiParts {
  readonly allowHttp: boolean;
}

export const config = z.strictObject({
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

export const credentials = z.strictObject({
  client_id: tokenField("The consumer key of an external client app that may use the client credentials flow."),
  client_secret: tokenField("The consumer secret of the app."),
});

export type SalesforceConfig = z.output<typeof config>;
export type SalesforceCredentials = Partial<z.output<typeof credentials>>;
