import { decodeBase64, encodeBase64 } from "./base64.ts";
import { WebhookVerificationError } from "./verification-error.ts";

/** One secret, or several while they rotate: shared ones, Ed25519 keys, or both. */
export type Secrets = string | readonly string[];

const secretPrefix = "whsec_";

/**
 * The HMAC key of a shared secret. `whsec_` is followed by base64; text without the prefix is read as base64 if it is
 * base64, else as its UTF-8 bytes. Throws `invalid_secret` for an empty secret, a `whsec_` that is not followed by
 * base64, and the Ed25519 keys `whsk_` and `whpk_`. The length is not checked here.
 */
export function parseSecret(secret: string): Uint8Array<ArrayBuffer> {
  if (typeof secret !== "string") {
    throw new WebhookVerificationError("invalid_secret", "The signing secret is not a string: is its variable set?");
  }
  if (secret.startsWith("whsk_") || secret.startsWith("whpk_")) {
    throw new WebhookVerificationError("invalid_secret", "This is an Ed25519 key (whsk_, whpk_), not a shared secret.");
  }
  const isPrefixed = secret.startsWith(secretPrefix);
  const decoded = decodeBase64(isPrefixed ? secret.slice(secretPrefix.length) : secret);
  if (decoded === null && isPrefixed) {
    throw new WebhookVerificationError(
      "invalid_secret",
      "The signing secret has characters after whsec_ that are not base64: was it cut, or copied with a line break?",
    );
  }
  const bytes = decoded ?? new TextEncoder().encode(secret);
  if (bytes.length === 0) throw new WebhookVerificationError("invalid_secret", "The signing secret is empty.");
  return bytes;
}

/** The form in which a secret is shown: `whsec_` and base64. `parseSecret` returns the same bytes. */
export function formatSecret(bytes: Uint8Array): string {
  return secretPrefix + encodeBase64(bytes);
}

/** The signed text. `timestampSeconds` is Unix time in whole seconds. */
export function signedContent(id: string, timestampSeconds: number, payloadText: string): string {
  return `${id}.${timestampSeconds}.${payloadText}`;
}
