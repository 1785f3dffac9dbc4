import type { WeftEventType } from "../events.ts";
import type { DeliveryPlan, Reply } from "./delivery.ts";

/**
 * What is at stake where a check fails.
 *
 * - `forgery`: another sender could make the receiver act
 * - `loss`: events that are genuine are not accepted, and get lost when their retries are used up
 * - `robustness`: work is done twice, or one sender can hold up the others
 */
export type Stake = "forgery" | "loss" | "robustness";

/** One thing that a receiver must get right. */
export interface Check {
  /** For programs: `stale`, `duplicate`. */
  readonly name: string;
  readonly stake: Stake;
  readonly sent: string;
  readonly expected: string;
  readonly why: string;
  run(tools: CheckTools): Promise<Finding>;
}

/** What a check has to work with. */
export interface CheckTools {
  deliver(plan: DeliveryPlan): Promise<Reply>;
  /** A fresh event; more deliveries of it need the same id. */
  event(type?: WeftEventType): Record<string, unknown>;
  newId(): string;
  /** The secrets that the receiver should know, the one that signs all deliveries first. */
  readonly secrets: readonly string[];
  /** The time of the signature, so many seconds from now. */
  at(secondsFromNow: number): Date;
  /** Over how long a slow body comes. */
  readonly trickleMs: number;
  /** How often the receiver's handler acted on a message, where that is known. */
  readonly timesHandled: ((messageId: string) => Promise<number>) | null;
}

/** What came of a check. */
export interface Finding {
  readonly isPassed: boolean;
  readonly came: string;
  /** Where a failure is about something else than the check's own stake. */
  readonly stake?: Stake;
}

/** Passed where every reply is a success. */
export function allAccepted(replies: readonly Reply[]): Finding {
  return { isPassed: replies.every(isAccepted), came: textOf(replies) };
}

/**
 * Passed where every reply says that the request is the sender's mistake. One that was accepted is at stake as the check says;
 * a receiver that fails or falls silent has not been fooled, and is only not robust.
 */
export function allRefused(replies: readonly Reply[]): Finding {
  const came = textOf(replies);
  if (replies.every(isRefused)) return { isPassed: true, came };
  return replies.some(isAccepted) ? { isPassed: false, came } : { isPassed: false, came, stake: "robustness" };
}

export function isAccepted(reply: Reply): boolean {
  return reply.kind === "answered" && reply.status >= 200 && reply.status < 300;
}

export function isRefused(reply: Reply): boolean {
  return reply.kind === "answered" && reply.status >= 400 && reply.status < 500;
}

/** Replies in words: `204, 204, 503`. */
export function textOf(replies: readonly Reply[]): string {
  return replies.map(wordsOf).join(", ");
}

function wordsOf(reply: Reply): string {
  switch (reply.kind) {
    case "answered":
      return String(reply.status);
    case "broken":
      return `no answer (${reply.reason})`;
    case "timed_out":
      return `no answer within ${reply.afterMs / 1000} s`;
  }
}
