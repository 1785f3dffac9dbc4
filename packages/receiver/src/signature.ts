import { encodeBase64 } from "./base64.ts";
import { signEd25519 } from "./ed25519.ts";
import { type PrivateKey, parseSigningKeys, type SharedKey } from "./key.ts";
import { limits } from "./limits.ts";
import { type Secrets, signedContent } from "./secret.ts";
import { WebhookVerificationError } from "./verification-error.ts";

export interface SignOptions {
  /** The message's id, which is equal on every attempt and has no dots. */
  readonly id: string;
  /** The time of this attempt: a `Date` (truncated to the second) or Unix time in whole seconds. */
  readonly timestamp: Date | number;
  /** Each secret makes one signature, in this order: `whsec_` makes a `v1`, `whsk_` a `v1a`. */
  readonly secret: Secrets;
}

/** The headers of a signed request, under the names of Svix and Standard Webhooks. */
export type SignedHeaders = Readonly<Record<`${"svix" | "webhook"}-${"id" | "timestamp" | "signature"}`, string>>;

/**
 * The signature header for a payload: `v1,<base64>` or `v1a,<base64>`, space-separated, one for each secret.
 * Throws `invalid_message_id`, `invalid_timestamp` or `invalid_secret`.
 */
export async function sign(payload: string | Uint8Array, options: SignOptions): Promise<string> {
  checkMessageId(options.id);
  const content = signedBytes(options.id, timestampSecondsOf(options.timestamp), payload);
  const signatures = await Promise.all(parseSigningKeys(options.secret).map((key) => signatureBy(key, content)));
  return signatures.join(" ");
}

/** The six headers of a signed request. Throws the errors of `sign`. */
export async function signedHeaders(payload: string | Uint8Array, options: SignOptions): Promise<SignedHeaders> {
  const signature = await sign(payload, options);
  const timestamp = String(timestampSecondsOf(options.timestamp));
  return {
    "svix-id": options.id,
    "svix-timestamp": timestamp,
    "svix-signature": signature,
    "webhook-id": options.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature,
  };
}

/** The exact bytes that are signed. A payload of bytes is used unchanged, so that invalid UTF-8 cannot alter it. */
export function signedBytes(
  id: string,
  timestampSeconds: number,
  payload: string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  if (typeof payload === "string") return encoder.encode(signedContent(id, timestampSeconds, payload));
  const start = encoder.encode(signedContent(id, timestampSeconds, ""));
  const content = new Uint8Array(start.length + payload.length);
  content.set(start);
  content.set(payload, start.length);
  return content;
}

async function signatureBy(key: SharedKey | PrivateKey, content: Uint8Array<ArrayBuffer>): Promise<string> {
  return key.kind === "shared"
    ? `v1,${await computeSignature(key.bytes, content)}`
    : `v1a,${await signEd25519(key, content)}`;
}

/** The HMAC-SHA256 as base64. */
export async function computeSignature(
  key: Uint8Array<ArrayBuffer>,
  content: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return encodeBase64(new Uint8Array(await crypto.subtle.sign(algorithm.name, imported, content)));
}

function checkMessageId(id: string): void {
  // A dot would make the signed text ambiguous, and other characters do not survive a header.
  if (/^[!-\-/-~]+$/.test(id) && id.length <= limits.messageIdCharsMax) return;
  throw new WebhookVerificationError(
    "invalid_message_id",
    `The message id must be 1 to ${limits.messageIdCharsMax} visible ASCII characters without a dot.`,
  );
}

function timestampSecondsOf(timestamp: Date | number): number {
  const seconds = typeof timestamp === "number" ? timestamp : Math.floor(timestamp.getTime() / 1000);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= limits.timestampSecondsMax) return seconds;
  throw new WebhookVerificationError(
    "invalid_timestamp",
    "The timestamp must be a valid Date or a whole number of Unix seconds (not milliseconds).",
  );
}
