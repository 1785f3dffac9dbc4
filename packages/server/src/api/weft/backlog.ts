import { z } from "zod";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";
import { heldBackOf, heldBackResponse } from "./subscription-schemas.ts";

const counts = {
  due: z.int().describe("Deliveries that are due and wait for a node."),
  later: z.int().describe("Deliveries that are due later: retries, and messages that were published with a delay."),
  claimed: z.int().describe("Deliveries that are being sent, or are about to be."),
};

const backlogResponse = z
  .object({
    ...counts,
    oldest_due_at: timeResponse.nullable().describe("When the delivery that has waited longest became due."),
    counted_up_to: z.int().describe("The maximum that is counted for each subscription and kind."),
    is_exact: z.boolean().describe("False when some deliveries were not counted: every sum is then a lower bound."),
    subscriptions: z
      .array(
        z.object({
          subscription_id: z.uuid(),
          url: z.string(),
          ...counts,
          next_attempt_at: timeResponse
            .nullable()
            .describe("The earliest time at which a delivery was or will be due."),
          held_back: heldBackResponse,
        }),
      )
      .describe("At most 50 subscriptions with waiting deliveries, those with the most due deliveries first."),
  })
  .meta({ id: "Backlog", description: "The deliveries that wait to be sent." });

export function backlogRoutes(store: Pick<Store, "readBacklog">, now: () => number): Route[] {
  return [
    route({
      method: "GET",
      path: "/webhooks/backlog",
      operation: "getBacklog",
      tag: "webhooks",
      summary: "Count waiting deliveries, in total and by subscription",
      scope: "read",
      response: backlogResponse,
      handle: async ({ caller: { organizationId } }) => {
        const backlog = await store.readBacklog({ organizationId, now: now() });
        const { due, later, claimed, oldestDueAt, countedUpTo, isExact } = backlog;
        return {
          ...{ due, later, claimed },
          oldest_due_at: oldestDueAt === null ? null : isoTime(oldestDueAt),
          counted_up_to: countedUpTo,
          is_exact: isExact,
          subscriptions: backlog.subscriptions.map(
            ({ subscriptionId, url, nextAttemptAt, throttleState, ...counted }) => ({
              subscription_id: subscriptionId,
              url,
              ...counted,
              next_attempt_at: nextAttemptAt === null ? null : isoTime(nextAttemptAt),
              held_back: heldBackOf(throttleState),
            }),
          ),
        };
      },
    }),
  ];
}
