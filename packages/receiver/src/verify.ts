import { matchesEd25519 } from "./ed25519.ts";
import { type PublicKey, parseVerifyingKeys, type SharedKey } from "./key.ts";
import { limits } from "./limits.ts";
import { parseEvent, type ReceivedEvent } from "./received-event.ts";
import type { Secrets } from "./secret.ts";
import { computeSignature, signedBytes } from "./signature.ts";
import { WebhookVerificationError } from "./verification-error.ts";
import { type ClaimedSignatures, readSignatureClaim, type WebhookHeaders } from "./webhook-headers.ts";

export interface VerifyOptions {
  /** How many seconds the timestamp may be from now, either way. Default 300; `Infinity` switches the check off. */
  readonly tolerance?: number;
  /** The time to compare with. Default: the real clock. */
  readonly now?: Date | (() => Date);
}

/** A message whose signature is proven. */
export interface VerifiedMessage {
  /** The message's id, which is equal on every attempt. Receivers de-duplicate by it. */
  readonly messageId: string;
  /** When this attempt was signed, to the second. */
  readonly timestamp: Date;
  /** The body, exactly as it was signed. */
  readonly text: string;
}

/**
 * Verifies a webhook and returns its event. `payload` is the raw body: text that was parsed and serialized again no
 * longer matches. Throws `WebhookVerificationError`, and no other error, for any request.
 */
export async function verify(
  payload: string | Uint8Array,
  headers: WebhookHeaders,
  secret: Secrets,
  options: VerifyOptions = {},
): Promise<ReceivedEvent> {
  const { text } = await verifySignature(payload, headers, secret, options);
  return parseEvent(text);
}

/**
 * Verifies the signature alone, for bodies that are not Weft events. It accepts any UTF-8 text.
 * Throws `WebhookVerificationError`.
 */
export async function verifySignature(
  payload: string | Uint8Array,
  headers: WebhookHeaders,
  secret: Secrets,
  options: VerifyOptions = {},
): Promise<VerifiedMessage> {
  const keys = parseVerifyingKeys(secret);
  checkPayload(payload);
  const { messageId, timestampSeconds, signatures } = readSignatureClaim(headers);
  checkTimestamp(timestampSeconds, options);

  const content = signedBytes(messageId, timestampSeconds, payload);
  if (!(await isSigned(content, signatures, keys))) {
    throw new WebhookVerificationError(
      "no_matching_signature",
      "No signature fits this body and secret: check that the secret is this subscription's and the body is raw.",
    );
  }
  return { messageId, timestamp: new Date(timestampSeconds * 1000), text: decodePayload(payload) };
}

function checkPayload(payload: unknown): void {
  if (typeof payload === "string" || payload instanceof Uint8Array) return;
  throw new WebhookVerificationError(
    "invalid_payload",
    "The payload must be the raw body as a string or Uint8Array, not what a JSON parser made of it.",
  );
}

function checkTimestamp(timestampSeconds: number, { tolerance = limits.toleranceSeconds, now }: VerifyOptions): void {
  const time = typeof now === "function" ? now() : (now ?? new Date());
  const nowSeconds = Math.floor(time.getTime() / 1000);
  // A comparison with NaN is false, and would let every timestamp pass.
  if (!(tolerance >= 0) || Number.isNaN(nowSeconds)) {
    throw new WebhookVerificationError("invalid_option", "tolerance must be seconds from 0, and now a valid Date.");
  }
  const ageSeconds = nowSeconds - timestampSeconds;
  if (ageSeconds > tolerance) {
    throw new WebhookVerificationError(
      "timestamp_too_old",
      `The message was signed ${ageSeconds} seconds ago; ${tolerance} are allowed.`,
    );
  }
  if (-ageSeconds > tolerance) {
    throw new WebhookVerificationError(
      "timestamp_too_new",
      `The message was signed ${-ageSeconds} seconds in the future; ${tolerance} are allowed. Check this clock.`,
    );
  }
}

async function isSigned(
  content: Uint8Array<ArrayBuffer>,
  signatures: ClaimedSignatures,
  keys: readonly (SharedKey | PublicKey)[],
): Promise<boolean> {
  const shared = keys.filter((key) => key.kind === "shared");
  const expected = await Promise.all(shared.map((key) => computeSignature(key.bytes, content)));
  if (matchesAny(signatures.v1, expected)) return true;
  const publicKeys = keys.filter((key) => key.kind === "public");
  return await matchesEd25519(publicKeys, signatures.v1a, content);
}

/** Compares every pair, so that the time does not reveal which one matched. */
function matchesAny(signatures: readonly string[], expected: readonly string[]): boolean {
  const encoder = new TextEncoder();
  const candidates = signatures.map((signature) => encoder.encode(signature));
  let matches = 0;
  for (const each of expected) {
    const computed = encoder.encode(each);
    for (const candidate of candidates) matches += Number(equalInConstantTime(candidate, computed));
  }
  return matches > 0;
}

/** The length of a signature is public; its bytes are secret, so each pair of bytes is compared. */
function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] ?? 0);
  return difference === 0;
}

function decodePayload(payload: string | Uint8Array): string {
  if (typeof payload === "string") return payload;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
  } catch (cause) {
    throw new WebhookVerificationError("invalid_payload", "The body is signed, but it is not UTF-8.", { cause });
  }
}
