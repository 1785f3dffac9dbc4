import type { WeftEventType } from "../events.ts";
import { parseSigningKeys } from "../key.ts";
import type { Secrets } from "../secret.ts";
import type { Check, CheckTools, Stake } from "./check.ts";
import { type DeliveryTarget, deliver } from "./delivery.ts";
import { fixtureOf, newMessageId } from "./fixture.ts";
import { forgeryChecks } from "./forgery-checks.ts";
import { genuineCheck, genuineChecks } from "./genuine-checks.ts";
import { robustnessChecks } from "./robustness-checks.ts";

/**
 * - `A`: every check passed
 * - `B`: it cannot be deceived and refuses nothing genuine, but is not robust
 * - `C`: it refuses genuine events
 * - `F`: it accepts forged events, or not even one genuine event
 */
export type Grade = "A" | "B" | "C" | "F";

export interface CheckResult {
  /** For programs: `stale`, `duplicate`. */
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly stake: Stake;
  readonly sent: string;
  readonly expected: string;
  readonly came: string;
  readonly why: string;
}

export interface GradeReport {
  readonly url: string;
  readonly grade: Grade;
  readonly checks: readonly CheckResult[];
}

export interface GradeOptions {
  readonly url: string;
  /**
   * The keys that sign the deliveries: the subscription's `whsec_`, or the private half `whsk_` of the key that the receiver
   * has. If there are several, for example during a rotation, the receiver should accept each.
   */
  readonly secret: Secrets;
  /** The time limit for a response, in milliseconds. Default 30 seconds, like Weft. */
  readonly responseMsMax?: number;
  /** The duration of a slow body, in milliseconds. Default 2 seconds. */
  readonly trickleMs?: number;
  /**
   * How often the receiver's handler processed a message, which shows whether duplicates are processed once. Default:
   * not checked.
   */
  readonly timesHandled?: (messageId: string) => number | Promise<number>;
  /** Called with each check as it ends. */
  readonly onCheck?: (result: CheckResult) => void;
  /** The time at which deliveries are signed, instead of the real clock. */
  readonly now?: () => Date;
}

/**
 * Sends a receiver good, duplicate, late, reordered, stale, forged, slow and huge deliveries and grades its responses.
 * The events are realistic, so use a receiver whose work is harmless. Throws `invalid_secret` for a secret that does
 * not sign; every failure of the receiver becomes part of the report.
 */
export async function gradeReceiver(options: GradeOptions): Promise<GradeReport> {
  parseSigningKeys(options.secret);
  const tools = toolsOf(options);
  const checks: CheckResult[] = [];
  function add(result: CheckResult): void {
    checks.push(result);
    options.onCheck?.(result);
  }

  const first = await resultOf(genuineCheck, tools);
  add(first);
  for (const check of [...genuineChecks, ...forgeryChecks, ...robustnessChecks]) {
    const isWorthIt = first.outcome === "passed" && (check.name !== "each_secret" || tools.secrets.length > 1);
    add(isWorthIt ? await resultOf(check, tools) : skipped(check));
  }
  return { url: options.url, grade: gradeOf(checks), checks };
}

function toolsOf(options: GradeOptions): CheckTools {
  const { url, secret, responseMsMax = 30_000, trickleMs = 2_000, timesHandled, now = () => new Date() } = options;
  const secrets = typeof secret === "string" ? [secret] : secret;
  const target: DeliveryTarget = { url, secret: secrets[0] ?? "", responseMsMax, now };
  return {
    deliver: (plan) => deliver(target, plan),
    event: (type: WeftEventType = "sync.completed") => ({ ...fixtureOf(type), timestamp: now().toISOString() }),
    newId: newMessageId,
    secrets,
    at: (secondsFromNow) => new Date(now().getTime() + secondsFromNow * 1000),
    trickleMs,
    timesHandled: timesHandled === undefined ? null : async (messageId) => await timesHandled(messageId),
  };
}

async function resultOf({ run, ...check }: Check, tools: CheckTools): Promise<CheckResult> {
  const { isPassed, came, stake = check.stake } = await run(tools);
  return { ...check, stake, outcome: isPassed ? "passed" : "failed", came };
}

function skipped({ run: _run, ...check }: Check): CheckResult {
  return { ...check, outcome: "skipped", came: "nothing was sent" };
}

function gradeOf(checks: readonly CheckResult[]): Grade {
  const failed = checks.filter(({ outcome }) => outcome === "failed");
  if (failed.length === 0) return "A";
  if (failed.some(({ stake, name }) => stake === "forgery" || name === genuineCheck.name)) return "F";
  return failed.some(({ stake }) => stake === "loss") ? "C" : "B";
}
