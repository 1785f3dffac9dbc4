import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { fullReadHours, tokenField } from "../http/api-settings.ts";
import type { JsonApiParts } from "../http/json-api.ts";
import { publicLinearUrl } from "./linear-addresses.ts";

export interface LinearSourceParts extends JsonApiParts {
  readonly allowHttp: boolean;
}

export const config = z.strictObject({
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

export const credentials = z.strictObject({
  api_key: tokenField("A personal API key with the permission to read, which begins with lin_api_."),
});

export type LinearConfig = z.output<typeof config>;
export type LinearCredentials = Partial<z.output<typeof credentials>>;
