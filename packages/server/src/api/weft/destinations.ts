import { z } from "zod";
import { destinationKinds } from "../../domain/destination.ts";
import { limits } from "../../domain/limits.ts";
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
    "The template of the destination's notices, with fields of the payload as `{{error}}` or `{{data.id}}`, and `{{event_type}}` and `{{message_id}}`. " +
      "An e-mail's first line is its subject. Null for Weft's own sentence.",
  );

const routingKey = z
  .string()
  .regex(/^[\w-]{1,128}$/, { error: "Expected the integration key of a PagerDuty service." })
  .describe("The integration key of a PagerDuty service; never shown again.");

export const destinationRequest = {
  destination: z
    .enum(destinationKinds)
    .nullish()
    .describe(
      "Notifies people instead of sending webhooks. `slack` and `discord` require the URL of an incoming webhook, `pagerduty` that of the " +
        "Events API v2, such as `https://events.pagerduty.com/v2/enqueue`, and `email` one such as `mailto:ops@example.com`.",
    ),
  template: template.optional(),
  routing_key: routingKey.nullish(),
};

export const destinationChange = { template: template.optional(), routing_key: routingKey.nullish() };

export const destinationFields = {
  destination: z
    .enum(destinationKinds)
    .nullable()
    .describe(
      "The service that notifies people instead of webhooks; null for webhooks. Secret parts of its URL are `***`.",
    ),
  template: z.string().nullable().describe("The template of the destination's notices; null for Weft's own sentence."),
};
