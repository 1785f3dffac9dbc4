import { z } from "zod";
import { assertNever } from "../../domain/assert-never.ts";
import type { Attempt } from "../../domain/attempt.ts";
import { type DeliveryProgress, progressOf } from "../../domain/delivery.ts";
import { flag } from "../../http/query-values.ts";
import type { DeliverySight } from "../../store/deliveries/interface.ts";

const texts = ["success", "pending", "fail", "sending", "canceled"] as const;
export type Status = (typeof texts)[number];

/** The query parameter that filters by status, as a number. */
export const statusFilter = z
  .enum(["0", "1", "2", "3", "4"])
  .transform((number) => texts[Number(number) as 0 | 1 | 2 | 3 | 4])
  .optional();

/** Clients that support `canceled` request it. */
export const expandedStatuses = flag;

export const statusFields = {
  status: z.int().describe("0 success, 1 pending, 2 fail, 3 sending, 4 canceled."),
  statusText: z.enum(texts),
};

/** The status of an attempt: success or failure, also while another one is scheduled after it. */
export function attemptStatus({ succeeded }: Pick<Attempt, "succeeded">): Status {
  return succeeded ? "success" : "fail";
}

/**
 * The status of a message at an endpoint: `pending` before its first attempt, `sending` before a retry, and `canceled` when
 * nothing more will be sent, because the endpoint was disabled or deleted, or the payload was deleted. Clients that do not
 * support `canceled` receive `fail`.
 */
export function deliveryStatus(delivery: DeliverySight, isExpanded: boolean): Status {
  const progress = progressOf(delivery);
  switch (progress) {
    case "pending":
      return "pending";
    case "retrying":
      return "sending";
    case "delivered":
      return "success";
    case "failed":
      return "fail";
    case "set_aside":
      return isExpanded ? "canceled" : "fail";
    default:
      return assertNever(progress);
  }
}

export const progressWith: Record<Status, DeliveryProgress> = {
  success: "delivered",
  pending: "pending",
  fail: "failed",
  sending: "retrying",
  canceled: "set_aside",
};

export function statusResponse(status: Status) {
  return { status: texts.indexOf(status), statusText: status };
}
