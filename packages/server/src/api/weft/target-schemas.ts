import { z } from "zod";
import { alertRules } from "../../delivery/targets/alert-kinds.ts";
import { limits } from "../../domain/limits.ts";
import { alertKinds, isAlert, type Target } from "../../domain/target.ts";
import { parseTemplate } from "../../domain/template.ts";
import { keptText } from "../../http/kept-text.ts";
import { isoTime, timeResponse } from "../../http/times.ts";

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
    .enum(["endpoint", "listener", "mcp"])
    .describe(
      "A `listener` has no endpoint. Its deliveries go to the programs that are connected to it. An agent made a subscription of the kind `mcp` and is the only one who can change it.",
    ),
  url: z.string(),
  destination: z
    .enum(alertKinds)
    .nullable()
    .describe("The service that notifies people; null for webhooks. Secret parts of its URL are `***`."),
  template: z.string().nullable().describe("The template of the notices; null for Weft's own sentence."),
  mcp: z
    .object({
      subscription_id: z.string().describe("The id under which the agent knows it: `sub_…`."),
      arguments: z
        .record(z.string(), z.unknown())
        .describe("The accepted values by the name of a field of the payload."),
      principal: z.string().describe("Identifies the API key of the agent, or the holder of its access token."),
      expires_at: timeResponse.describe("When it ends, unless the agent refreshes it."),
    })
    .nullable()
    .describe("The facts about the subscription of an agent; null for others."),
};

export function targetFieldsOf(target: Target) {
  return {
    kind: target.kind === "listener" || target.kind === "mcp" ? target.kind : ("endpoint" as const),
    url: target.url,
    destination: isAlert(target) ? target.kind : null,
    template: isAlert(target) ? target.template : null,
    mcp:
      target.kind === "mcp"
        ? {
            subscription_id: target.mcpId,
            arguments: JSON.parse(target.arguments) as Record<string, unknown>,
            principal: target.principal,
            expires_at: isoTime(target.expiresAt),
          }
        : null,
  };
}
