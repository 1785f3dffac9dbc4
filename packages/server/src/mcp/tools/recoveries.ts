import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { ToolRefusal, tool } from "../tool.ts";
import { idempotencyKey, name, time } from "./arguments.ts";

const scope = z
  .enum(["undelivered", "never_sent", "everything"])
  .default("undelivered")
  .describe(
    "`undelivered`: deliveries that failed, were skipped or were never created. `never_sent`: only messages for which no request was made. `everything`: delivered messages too.",
  );

export const previewRecovery = tool({
  name: "preview_recovery",
  title: "Preview a recovery",
  description:
    "Counts the deliveries that a recovery of a subscription would send again, without starting it. `confirm` is valid for 10 minutes and starts exactly this recovery with recover_subscription.",
  scope: "read",
  input: z.strictObject({
    subscription_id: name,
    since: time.describe("Messages that were accepted at this time or later."),
    until: time.optional().describe("Messages that were accepted before this time. The default is now."),
    scope,
  }),
  output: z.object({
    deliveries: z.int(),
    is_exact: z.boolean().describe("False when the number is a lower bound."),
    until: z.string(),
    confirm: z.string(),
  }),
  run: async ({ client, principal, confirmTokens, now }, { subscription_id, since, until: given, scope }) => {
    const until = given ?? new Date(now()).toISOString();
    const preview = await client.webhooks.previewRecovery(subscription_id, { since, until, scope });
    const { deliveries, is_exact } = preview;
    const confirmed = { principal, subscriptionId: subscription_id, since, until, scope, deliveries };
    return { deliveries, is_exact, until, confirm: await confirmTokens.seal(confirmed) };
  },
});

export const recoverSubscription = tool({
  name: "recover_subscription",
  title: "Recover a subscription",
  description:
    "Sends the deliveries of a time window again, in the background. Call preview_recovery first, show its number to a person, and pass the same arguments with its `confirm`.",
  scope: "write",
  input: z.strictObject({
    subscription_id: name,
    since: time,
    until: time,
    scope,
    confirm: z
      .string()
      .min(1)
      .max(limits.errorTextLengthMax * 4)
      .describe("From preview_recovery."),
    idempotency_key: idempotencyKey,
  }),
  output: z.object({ recovery_id: z.string(), status: z.string(), warning: z.string().nullable() }),
  run: async ({ client, principal, confirmTokens }, { confirm, idempotency_key, ...given }) => {
    const { subscription_id, since, until, scope } = given;
    const confirmed = await confirmTokens.open(confirm);
    if (confirmed === null) throw new ToolRefusal("The confirmation is unknown or has expired. Call preview_recovery.");
    const isSame =
      confirmed.principal === principal &&
      confirmed.subscriptionId === subscription_id &&
      confirmed.since === since &&
      confirmed.until === until &&
      confirmed.scope === scope;
    if (!isSame) {
      throw new ToolRefusal(
        "The confirmation belongs to another recovery. Call preview_recovery with these arguments.",
      );
    }
    const { deliveries } = await client.webhooks.previewRecovery(subscription_id, { since, until, scope });
    if (deliveries > 2 * confirmed.deliveries) {
      throw new ToolRefusal(
        `The recovery would send ${deliveries} deliveries, and the preview showed ${confirmed.deliveries}. Call preview_recovery again.`,
      );
    }
    const body = { since, until, scope };
    const recovery = await client.webhooks.recoverMessages(subscription_id, body, { idempotencyKey: idempotency_key });
    return { recovery_id: recovery.id, status: recovery.status, warning: recovery.warning };
  },
});
