import { verifySignature, WebhookVerificationError } from "@weft/receiver";
import { bodyReadings, reprintedBytesMax } from "./body-readings.ts";
import { families, headerReadings, isComplete, type SignatureHeaders, signatureHeaders } from "./header-readings.ts";
import type { Reading, SignatureFinding } from "./reading.ts";
import { headerOf, type ReceivedRequest } from "./received-request.ts";
import { secretReadings, versionOf } from "./secret-readings.ts";

/** The tolerance of `@weft/receiver`. */
export const toleranceSecondsDefault = 300;

export interface Question {
  readonly request: ReceivedRequest;
  /** At least one. */
  readonly secrets: readonly string[];
  readonly now: Date;
  readonly toleranceSeconds: number;
}

export interface Explanation {
  readonly verifies: boolean;
  /** The code and the sentence of `@weft/receiver`; null when it verifies. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly message_id: string | null;
  /** The age of the signature, negative for a time in the future. Null without a timestamp. */
  readonly age_seconds: number | null;
  /** The known reasons why it does not verify. */
  readonly findings: readonly SignatureFinding[];
}

/** Verifies a request with `@weft/receiver`. If that fails, common mistakes are undone until a signature matches. */
export async function explain({ request, secrets, now, toleranceSeconds }: Question): Promise<Explanation> {
  const error = await errorOf(request, secrets, { tolerance: toleranceSeconds, now });
  const headers = families.map((family) => signatureHeaders(request, family));
  const { id = null, timestamp = "" } = headers.find(isComplete) ?? { ...headers[1], ...headers[0] };
  const age = /^\d{1,11}$/.test(timestamp) ? Math.floor(now.getTime() / 1_000) - Number(timestamp) : null;
  const claim = { message_id: id, age_seconds: age };
  if (error === null) return { verifies: true, code: null, reason: null, ...claim, findings: [] };
  const { code, message: reason } = error;
  const isOff = age !== null && Math.abs(age) > toleranceSeconds;
  const withoutClock = isOff ? await errorOf(request, secrets, { tolerance: Number.POSITIVE_INFINITY }) : error;
  const clock = isOff ? [clockFinding(age, toleranceSeconds, withoutClock === null)] : [];
  const others = withoutClock === null ? [] : await findingsOf(request, secrets, withoutClock);
  return { verifies: false, code, reason, ...claim, findings: [...clock, ...others] };
}

/** Returns null when the request verifies. A signed body that is not UTF-8 verifies too. */
async function errorOf(
  { body, headers }: Pick<ReceivedRequest, "body" | "headers">,
  secrets: readonly string[],
  options: { readonly tolerance: number; readonly now?: Date },
): Promise<WebhookVerificationError | null> {
  try {
    await verifySignature(body, headers, secrets, options);
    return null;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return error.code === "invalid_payload" ? null : error;
  }
}

function clockFinding(ageSeconds: number, toleranceSeconds: number, isOnlyClock: boolean): SignatureFinding {
  const rest = isOnlyClock ? "The signature itself is valid." : "The signature does not match either.";
  const limit = `at most ${toleranceSeconds} seconds are allowed`;
  return ageSeconds > 0
    ? {
        code: "stale",
        text: `The request was signed ${ageSeconds} seconds ago, and ${limit}: it is late or replayed, or this clock is fast. ${rest}`,
      }
    : {
        code: "early",
        text: `The request was signed ${-ageSeconds} seconds in the future, and ${limit}: this clock is slow, or the sender's is fast. ${rest}`,
      };
}

/** The findings with which a signature matches: the fewest, and at most two. */
async function findingsOf(
  request: ReceivedRequest,
  secrets: readonly string[],
  error: WebhookVerificationError,
): Promise<readonly SignatureFinding[]> {
  const headers = headerReadings(request);
  if (headers.length === 0) return [missingHeader(request, error)];
  const keys = secrets.flatMap(secretReadings);
  const found = await matchingFindings(headers, keys, bodyReadings(request.body));
  if (found !== null && found.length > 0) return found;
  if (error.code === "invalid_secret") return [{ code: "secret_unreadable", text: error.message }];
  return [otherVersion(headers, keys) ?? cutBody(request) ?? noMatch(request)];
}

const smallBytesMax = 32 * 1024;

async function matchingFindings(
  headers: readonly Reading<SignatureHeaders>[],
  keys: readonly Reading<string>[],
  bodies: readonly Reading<Buffer>[],
): Promise<readonly SignatureFinding[] | null> {
  const findingsMax = (bodies[0]?.value.length ?? 0) <= smallBytesMax ? 2 : 1;
  const attempts = headers
    .flatMap((header) => keys.flatMap((key) => bodies.map((body) => ({ header, key, body }))))
    .map(({ header, key, body }) => ({
      ...{ header: header.value, key: key.value, body: body.value },
      findings: [key, header, body].flatMap(({ finding }) => (finding === null ? [] : [finding])),
    }))
    .filter(({ findings }) => findings.length <= findingsMax)
    .toSorted((left, right) => left.findings.length - right.findings.length);
  for (const { header, key, body, findings } of attempts) {
    const pairs = Object.entries(header).map(([part, value]) => [`webhook-${part}`, value] as const);
    const request = { headers: pairs, body };
    if ((await errorOf(request, [key], { tolerance: Number.POSITIVE_INFINITY })) === null) return findings;
  }
  return null;
}

function missingHeader({ headers }: ReceivedRequest, { message }: WebhookVerificationError): SignatureFinding {
  const names = headers.map(([name]) => name.toLowerCase()).filter((name) => /^(?:svix|webhook)-|signature/.test(name));
  const received = names.length === 0 ? "The request has no header of a signature." : `It has ${names.join(", ")}.`;
  return { code: "missing_header", text: `${message} ${received} A proxy or a framework may remove headers.` };
}

function otherVersion(
  headers: readonly Reading<SignatureHeaders>[],
  keys: readonly Reading<string>[],
): SignatureFinding | null {
  const signed = (headers[0]?.value.signature ?? "").split(" ").map((entry) => entry.split(",", 1)[0] ?? "");
  const known = keys.filter(({ finding }) => finding === null).map(({ value }) => versionOf(value));
  if (known.length === 0 || known.some((version) => signed.includes(version))) return null;
  const advice = signed.includes("v1a")
    ? "The signature is v1a (Ed25519): verify it with the public key of the subscription, whpk_…."
    : signed.includes("v1")
      ? "The signature is v1 (HMAC-SHA256): verify it with the secret of the subscription, whsec_…."
      : "The signature header has neither v1 nor v1a, the versions that can be verified.";
  return { code: "other_version", text: advice };
}

function cutBody(request: ReceivedRequest): SignatureFinding | null {
  const length = headerOf(request, "content-length") ?? "";
  if (!/^\d+$/.test(length) || Number(length) <= request.body.length) return null;
  return { code: "body_cut", text: `The body was cut: it has ${request.body.length} of ${length} bytes.` };
}

function noMatch({ body }: ReceivedRequest): SignatureFinding {
  const isPrinted = body.length <= reprintedBytesMax;
  const tried = `other readings of the secret, changed headers and line breaks${isPrinted ? ", and the JSON printed in other forms" : ""}`;
  const text = `No signature matches, even with ${tried}. Most likely the secret belongs to another subscription or was rotated.`;
  return { code: "wrong_secret", text };
}
