import type { Exchange } from "../../packages/server/src/domain/exchange.ts";
import { type MessageId, parseId, type SubscriptionId } from "../../packages/server/src/domain/id.ts";
import type { OutboundRequest } from "../../packages/server/src/outbound/exchange.ts";
import type { HttpSender } from "../../packages/server/src/outbound/http-sender.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import type { ReceiverBehaviour, SimulatedSubscription } from "./subscription.ts";

export type Sender = Pick<HttpSender, "send">;

/** A request, as the network sees it. */
export interface Sending {
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
}

export interface SendingWatch {
  started(sending: Sending): void;
  /** It reached the receiver, whose response may or may not arrive in time. */
  received(sending: Sending, succeeded: boolean): void;
  /** The node knows its outcome. */
  finished(sending: Sending, exchange: Exchange): void;
}

interface Network {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly process: SimulatedProcess;
  readonly subscriptions: ReadonlyMap<SubscriptionId, SimulatedSubscription>;
  readonly isTroubled: () => boolean;
  readonly watch: SendingWatch;
}

export const timeoutMs = 5_000;
export const responseMsMax = 30;

/** One node's network to the receivers. A request that is on its way arrives even if its sender dies meanwhile. */
export function simulatedSender(network: Network): Sender & { cutOff: () => void } {
  const byUrl = new Map([...network.subscriptions.values()].map((subscription) => [subscription.url, subscription]));
  const underWay = new Set<() => void>();
  return {
    send: (request) => send(network, underWay, sendingOf(request, byUrl)),
    cutOff: () => {
      for (const abort of underWay) abort();
    },
  };
}

function send(network: Network, underWay: Set<() => void>, { sending, subscription }: SendingTo): Promise<Exchange> {
  const { time, random, process, watch } = network;
  const begun = time.now;
  const { during, afterwards } = subscription.receiver;
  const response = network.isTroubled() ? random.pick(during) : afterwards;
  watch.started(sending);
  return new Promise((resolve) => {
    const tookMs = exchangeMs(response, random);
    const arrivesMs = Math.min(tookMs - 1, random.between(1, 5));
    if (response !== "unreachable") time.after(arrivesMs, () => watch.received(sending, reportsSuccess(response)));
    const end = (exchange: Exchange) => {
      if (!underWay.delete(abort)) return;
      watch.finished(sending, exchange);
      // The recorder gathers for a turn of the loop.
      time.expectImmediates();
      resolve(exchange);
    };
    const abort = () => end({ ...unanswered, reason: "aborted", durationMs: time.now - begun });
    underWay.add(abort);
    process.after(tookMs, () => end(exchangeOf(response, tookMs, time.now - begun, random)));
  });
}

const unanswered = { kind: "unanswered", detail: "Simulated." } as const;

function exchangeMs(response: ReceiverBehaviour, random: SeededRandom): number {
  switch (response) {
    case "hang":
      return timeoutMs;
    case "slow":
      return Math.min(timeoutMs, random.between(300, 5_500));
    default:
      return random.between(2, responseMsMax);
  }
}

function reportsSuccess(response: ReceiverBehaviour): boolean {
  return response === "ok" || response === "slow" || response === "close";
}

function exchangeOf(response: ReceiverBehaviour, tookMs: number, durationMs: number, random: SeededRandom): Exchange {
  if (tookMs >= timeoutMs) return { ...unanswered, reason: "timeout", durationMs };
  if (response === "unreachable") return { ...unanswered, reason: "connect", durationMs };
  if (response === "close") return { ...unanswered, reason: "closed", durationMs };
  const status = statuses[response] ?? 204;
  const headers = response === "overload" && random.chance(0.7) ? { "retry-after": String(random.between(1, 4)) } : {};
  return { kind: "answered", status, headers, body: "", truncated: null, durationMs };
}

const statuses: Partial<Record<ReceiverBehaviour, number>> = { refuse: 400, broken: 500, overload: 429, busy: 429 };

interface SendingTo {
  readonly sending: Sending;
  readonly subscription: SimulatedSubscription;
}

function sendingOf({ url, headers }: OutboundRequest, byUrl: Map<string, SimulatedSubscription>): SendingTo {
  const messageId = parseId<"message">("msg", headers[headers.indexOf("svix-id") + 1] ?? "");
  const subscription = byUrl.get(url.origin + url.path);
  if (messageId === null || subscription === undefined) throw new Error("A request that belongs to no delivery.");
  return { sending: { messageId, subscriptionId: subscription.id }, subscription };
}
