import { z } from "zod";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeAnswer } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";
import { heldBackAnswer, heldBackOf } from "./subscription-schemas.ts";

const counts = {
  due: z.int().describe("To be sent as soon as there is room."),
  later: z.int().describe("To be sent later: another attempt, or a message that was published for later."),
  claimed: z.int().describe("Being sent, or about to be."),
};

const backlogAnswer = z
  .object({
    ...counts,
    oldest_due_at: timeAnswer.nullable().describe("Since when the delivery that has waited longest is due."),
    counted_up_to: z.int().describe("Of each subscription and kind no more than so many were counted."),
    is_exact: z.boolean().describe("False when something was left uncounted: then every sum means `or more`."),
    subscriptions: z
      .array(
        z.object({
          subscription_id: z.uuid(),
          url: z.string(),
          ...counts,
          next_attempt_at: timeAnswer.nullable().describe("The earliest time at which something was or will be due."),
          held_back: heldBackAnswer,
        }),
      )
      .describe("Those with something waiting, most due first, at most 50."),
  })
  .meta({ id: "Backlog", description: "What waits to be sent." });

export function backlogRoutes(store: Pick<Store, "readBacklog">, now: () => number): Route[] {
  return [
    route({
      method: "GET",
      path: "/webhooks/backlog",
      operation: "getBacklog",
      tag: "webhooks",
      summary: "Count what waits to be sent, and for which subscriptions",
      scope: "read",
      answer: backlogAnswer,
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
