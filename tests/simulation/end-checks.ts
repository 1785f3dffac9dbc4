import type { Message } from "../../packages/server/src/domain/message.ts";
import type { AllFacts, DeliveryFacts } from "./delivery-facts.ts";
import type { SimulatedSubscription } from "./subscription.ts";
import type { Trace } from "./trace.ts";
import type { Verdict } from "./verdict.ts";

interface Ended {
  readonly facts: AllFacts;
  readonly accepted: readonly Message[];
  readonly subscriptions: Iterable<SimulatedSubscription>;
}

/**
 * Checks at the end that every accepted message has reached its final state. Every node that holds anything is alive.
 */
export function checkEnd({ facts, accepted, subscriptions }: Ended, verdict: Verdict, trace: Trace): void {
  for (const delivery of facts.all()) checkDelivery(delivery, verdict, trace);
  for (const { id: subscriptionId, eventTypes } of subscriptions) {
    for (const { id: messageId, eventType } of accepted) {
      if (!eventTypes.includes(eventType) || facts.find({ messageId, subscriptionId }) !== null) continue;
      verdict.violate("no loss", `${trace.delivery({ messageId, subscriptionId })} was never made.`);
    }
  }
}

function checkDelivery(facts: DeliveryFacts, verdict: Verdict, trace: Trace): void {
  const { state, holder, receipts, subscription } = facts;
  const attempts = facts.attempts - facts.cutOffs;
  const which = trace.delivery(facts);
  switch (state) {
    case "delivered":
      if (receipts === 0) verdict.violate("no loss", `${which} counts as delivered, but no receiver got it.`);
      return;
    case "failed":
      if (attempts !== subscription.retryDelaysMs.length + 1) {
        verdict.violate("the schedule", `${which} failed after ${attempts} attempts, which is not its whole schedule.`);
      }
      return;
    case "open":
      if (holder === null) verdict.violate("no loss", `${which} is due, and no node sends it.`);
      else {
        const claimed = `${which} stays claimed by ${trace.nameOf(holder)}`;
        verdict.violate("no forgotten claims", `${claimed}, which does nothing about it.`);
      }
  }
}
