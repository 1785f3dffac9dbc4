import type { WeftEventType } from "../events.ts";
import type { DeliveryPlan, Reply } from "./delivery.ts";

/**
 * The consequence of a failed check.
 *
 * - `forgery`: another sender could make the receiver act
 * - `loss`: genuine events are refused, and are lost when their retries are used up
 * - `robustness`: work is done twice, or one sender can delay the others
 */
export type Stake = "forgery" | "loss" | "robustness";

/** One requirement for a receiver. */
export interface Check {
  /** For programs: `stale`, `duplicate`. */
  readonly name: string;
  readonly stake: Stake;
  readonly sent: string;
  readonly expected: string;
  readonly why: string;
  run(tools: CheckTools): Promise<Finding>;
}

/** The tools of a check. */
export interface CheckTools {
  deliver(plan: DeliveryPlan): Promise<Reply>;
  /** A fresh event; more deliveries of it need the same id. */
  event(type?: WeftEventType): Record<string, unknown>;
  newId(): string;
  /** The secrets that the receiver should know, the one that signs all deliveries first. */
  readonly secrets: readonly string[];
  /** The time of the signature, so many seconds from now. */
  at(secondsFromNow: number): Date;
  /** The duration of a slow body. */
  readonly trickleMs: number;
  /** How often the receiver's handler processed a message, if that is known. */
  readonly timesHandled: ((messageId: string) => Promise<number>) | null;
}

/** The result of a check. */
export interface Finding {
  readonly isPassed: boolean;
  readonly came: string;
  /** The consequence of a failure, if it differs from the check's own. */
  readonly stake?: Stake;
}

/** Passes when every response is a success. */
export function allAccepted(replies: readonly Reply[]): Finding {
  return { isPassed: replies.every(isAccepted), came: textOf(replies) };
}

/**
 * Passes when every response blames the request. An accepted request has the check's own consequence; a receiver that
 * fails or does not respond was not deceived, and is only not robust.
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

/** Responses in words: `204, 204, 503`. */
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
