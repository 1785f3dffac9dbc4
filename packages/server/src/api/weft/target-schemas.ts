import { z } from "zod";
import { alertRules } from "../../delivery/targets/alert-kinds.ts";
import { limits } from "../../domain/limits.ts";
import { alertKinds, isAlert, type Target } from "../../domain/target.ts";
import { parseTemplate } from "../../domain/template.ts";
import { keptText } from "../../http/kept-text.ts";

const template = keptText
  .min(1)
  .max(limits.templateLengthMax)
  .superRefine((text, context) => {
    const parsed = parseTemplate(text);
    if ("mistake" in parsed) context.addIssue({ code: "custom", message: parsed.mistake });
  })
  .nullable()
  .describe(
    "The template of the notices, with fields of the payload as `{{error}}` or `{{data.id}}`, and `{{event_type}}` and `{{message_id}}`. " +
      "An e-mail's first line is its subject. Null for Weft's own sentence.",
  );

const routingKey = z
  .string()
  .regex(/^[\w-]{1,128}$/, { error: "Expected the integration key of a PagerDuty service." })
  .describe("The integration key of a PagerDuty service; never shown again.");

const urlTexts = alertKinds.map((kind) => `\`${kind}\` needs ${alertRules[kind].urlText}`);

export const targetRequest = {
  destination: z
    .enum(alertKinds)
    .nullish()
    .describe(`The service that notifies people instead of a webhook. The URL depends on it: ${urlTexts.join("; ")}.`),
  template: template.optional(),
  routing_key: routingKey.nullish(),
};

export const targetChange = { template: template.optional(), routing_key: routingKey.nullish() };

export const targetFields = {
  kind: z
    .enum(["endpoint", "listener"])
    .describe("A `listener` has no endpoint. Its deliveries go to the programs that are connected to it."),
  url: z.string(),
  destination: z
    .enum(alertKinds)
    .nullable()
    .describe("The service that notifies people; null for webhooks. Secret parts of its URL are `***`."),
  template: z.string().nullable().describe("The template of the notices; null for Weft's own sentence."),
};

export function targetFieldsOf(target: Target) {
  return {
    kind: target.kind === "listener" ? ("listener" as const) : ("endpoint" as const),
    url: target.url,
    destination: isAlert(target) ? target.kind : null,
    template: isAlert(target) ? target.template : null,
  };
}
