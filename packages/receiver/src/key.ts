import { decodeBase64, encodeBase64 } from "./base64.ts";
import { parseSecret, type Secrets } from "./secret.ts";
import { WebhookVerificationError } from "./verification-error.ts";

/** A shared secret, `whsec_`: both sides sign and verify `v1` (HMAC-SHA256) with it. */
export interface SharedKey {
  readonly kind: "shared";
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The sender's half of an Ed25519 key, `whsk_`: signs `v1a`. Seed and public key have 32 bytes each. */
export interface PrivateKey {
  readonly kind: "private";
  readonly seed: Uint8Array<ArrayBuffer>;
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

/** The receiver's half of an Ed25519 key, `whpk_`: verifies `v1a`, and cannot sign. */
export interface PublicKey {
  readonly kind: "public";
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

const privatePrefix = "whsk_";
const publicPrefix = "whpk_";
const halfBytes = 32;

/**
 * The key in the text of a secret, by its prefix; without one it is a shared secret. Throws `invalid_secret` for texts
 * that `parseSecret` refuses, and for an Ed25519 key that is not base64 of 64 bytes (`whsk_`) or 32 (`whpk_`).
 */
export function parseKey(secret: string): SharedKey | PrivateKey | PublicKey {
  if (hasPrefix(secret, privatePrefix)) {
    const bytes = keyBytes(secret, privatePrefix, 2 * halfBytes);
    return { kind: "private", seed: bytes.slice(0, halfBytes), publicKey: bytes.slice(halfBytes) };
  }
  if (hasPrefix(secret, publicPrefix)) {
    return { kind: "public", publicKey: keyBytes(secret, publicPrefix, halfBytes) };
  }
  return { kind: "shared", bytes: parseSecret(secret) };
}

/** The form in which the sender stores an Ed25519 key. Never show it to a receiver. */
export function formatPrivateKey({ seed, publicKey }: Pick<PrivateKey, "seed" | "publicKey">): string {
  return privatePrefix + encodeBase64(Uint8Array.of(...seed, ...publicKey));
}

/** The form in which a receiver gets an Ed25519 key. */
export function formatPublicKey({ publicKey }: Pick<PublicKey, "publicKey">): string {
  return publicPrefix + encodeBase64(publicKey);
}

/** The key that a sender signs with. Throws the errors of `parseKey`, and `invalid_secret` for a public key. */
export function parseSigningKey(secret: string): SharedKey | PrivateKey {
  const key = parseKey(secret);
  if (key.kind !== "public") return key;
  throw new WebhookVerificationError("invalid_secret", "whpk_ is a public key, which cannot sign: sign with whsk_.");
}

/** The keys that sign. Throws `invalid_secret` when the list is empty, or one cannot sign. */
export function parseSigningKeys(secrets: Secrets): (SharedKey | PrivateKey)[] {
  return listOf(secrets).map(parseSigningKey);
}

/**
 * The keys that verify. Throws `invalid_secret` when the list is empty, or one is invalid or the sender's private one.
 */
export function parseVerifyingKeys(secrets: Secrets): (SharedKey | PublicKey)[] {
  return listOf(secrets).map((secret) => {
    const key = parseKey(secret);
    if (key.kind !== "private") return key;
    throw new WebhookVerificationError(
      "invalid_secret",
      "whsk_ is the sender's private key, which no receiver should have: verify with the public one, whpk_.",
    );
  });
}

function listOf(secrets: Secrets): readonly string[] {
  const list: readonly string[] = Array.isArray(secrets) ? secrets : [secrets];
  if (list.length === 0) throw new WebhookVerificationError("invalid_secret", "The list of signing secrets is empty.");
  return list;
}

// In JavaScript, a missing secret is not a string; `parseSecret` reports it.
function hasPrefix(secret: unknown, prefix: string): boolean {
  return typeof secret === "string" && secret.startsWith(prefix);
}

function keyBytes(secret: string, prefix: string, length: number): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64(secret.slice(prefix.length));
  if (bytes === null) {
    throw new WebhookVerificationError(
      "invalid_secret",
      `The key has characters after ${prefix} that are not base64: was it cut, or copied with a line break?`,
    );
  }
  if (bytes.length === length) return bytes;
  throw new WebhookVerificationError(
    "invalid_secret",
    `An Ed25519 key ${prefix} stands for ${length} bytes; this one for ${bytes.length}: was it cut?`,
  );
}
