import { parseEvent, verifySignature, WebhookVerificationError } from "@weft/receiver";
import type { SignatureFinding } from "./candidate.ts";
import { families, isWhole, partialClaimOf } from "./claim-candidates.ts";
import { fittingFindings } from "./fitting.ts";
import type { Question } from "./question.ts";
import type { ReceivedRequest } from "./received-request.ts";

/** What `@weft/receiver` allows unless it is told otherwise. */
export const toleranceSecondsDefault = 300;

/** The year 5138. A greater number is a time in milliseconds. */
const timestampSecondsMax = 99_999_999_999;

export interface Explanation {
  readonly verifies: boolean;
  /** The receiver kit's own code and sentence; null when it verifies. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly message_id: string | null;
  /** How long ago it was signed; less than zero for the future. Null without a timestamp. */
  readonly age_seconds: number | null;
  /** Null when its timestamp is good. */
  readonly verifies_with_clock_ignored: boolean | null;
  /** What is wrong with it, as far as it can be found out, the plainest first; empty when it verifies. */
  readonly findings: readonly SignatureFinding[];
  /** What else is good to know. */
  readonly notes: readonly string[];
}

/** Says whether a request verifies, by `@weft/receiver`'s own verification, and if not, why. Nothing in it tells a secret. */
export async function explain(question: Question): Promise<Explanation> {
  const { request, now, toleranceSeconds } = question;
  const verdict = await verdictOf(question, { tolerance: toleranceSeconds, now });
  const said = claimOf(request, now);
  if (verdict === null) {
    const notes = [...(await secretNote(question)), ...familyNote(request), ...eventNote(request)];
    const good = { verifies: true, code: null, reason: null, verifies_with_clock_ignored: null };
    return { ...good, ...said, findings: [], notes };
  }
  const { code, message: reason } = verdict;
  const isOnlyClock =
    (code === "timestamp_too_old" || code === "timestamp_too_new") &&
    (await verdictOf(question, { tolerance: Number.POSITIVE_INFINITY })) === null;
  const isClockOff = said.age_seconds !== null && Math.abs(said.age_seconds) > toleranceSeconds;
  const clock = isClockOff ? [clockFinding(said.age_seconds ?? 0, toleranceSeconds, isOnlyClock)] : [];
  const others = isOnlyClock ? [] : await fittingFindings(question, verdict);
  return {
    ...{ verifies: false, code, reason, ...said },
    verifies_with_clock_ignored: isClockOff ? isOnlyClock : null,
    findings: [...clock, ...others],
    notes: familyNote(request),
  };
}

/** What the headers claim that the kit reads: those of the first whole family, else whatever there is. */
function claimOf({ headers }: ReceivedRequest, now: Date): Pick<Explanation, "message_id" | "age_seconds"> {
  const claims = families.map((family) => partialClaimOf(headers, family));
  const { id = null, timestamp = "" } = claims.find(isWhole) ?? Object.assign({}, ...claims.toReversed());
  const seconds = /^\d+$/.test(timestamp) ? Number(timestamp) : Number.POSITIVE_INFINITY;
  const isTime = seconds <= timestampSecondsMax;
  return { message_id: id, age_seconds: isTime ? Math.floor(now.getTime() / 1_000) - seconds : null };
}

/** Null when it verifies, else the kit's error. A body that is signed and no UTF-8 verifies here: that is none of a signature's business. */
async function verdictOf(
  { request, secrets }: Question,
  options: { readonly tolerance: number; readonly now?: Date },
): Promise<WebhookVerificationError | null> {
  try {
    await verifySignature(request.body, request.headers, secrets, options);
    return null;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return error.code === "invalid_payload" ? null : error;
  }
}

function clockFinding(ageSeconds: number, toleranceSeconds: number, isOnlyClock: boolean): SignatureFinding {
  const rest = isOnlyClock
    ? " With the clock ignored it verifies: the secret and the body are right."
    : " That is not all: with the clock ignored it does not verify either.";
  if (ageSeconds > 0) {
    const text = `It was signed ${ageSeconds} seconds ago, ${ageSeconds - toleranceSeconds} more than the ${toleranceSeconds} that are allowed: it came late, is a replay, or this clock is fast.`;
    return { code: "stale", text: text + rest };
  }
  const ahead = -ageSeconds;
  const text = `It was signed ${ahead} seconds in the future, ${ahead - toleranceSeconds} more than the ${toleranceSeconds} that are allowed: this clock is slow, or the sender's fast.`;
  return { code: "early", text: text + rest };
}

async function secretNote({ secrets, ...question }: Question): Promise<string[]> {
  if (secrets.length === 1) return [];
  for (const [index, secret] of secrets.entries()) {
    const verdict = await verdictOf({ ...question, secrets: [secret] }, { tolerance: Number.POSITIVE_INFINITY });
    if (verdict === null) return [`Secret ${index + 1} of ${secrets.length} fits.`];
  }
  return [];
}

function familyNote({ headers }: ReceivedRequest): string[] {
  const whole = families.filter((family) => isWhole(partialClaimOf(headers, family)));
  const [only] = whole;
  if (whole.length !== 1 || only === undefined) return [];
  const other = only === "svix" ? "webhook" : "svix";
  return [`Only the ${only}-* headers are complete: a library that reads ${other}-* alone finds nothing.`];
}

function eventNote({ body }: ReceivedRequest): string[] {
  try {
    parseEvent(body.toString("utf8"));
    return [];
  } catch {
    return [
      "The body is no event of Weft, a JSON object with an event_type: verifySignature of @weft/receiver takes it, verify does not.",
    ];
  }
}
