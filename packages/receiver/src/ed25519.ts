import { decodeBase64, encodeBase64 } from "./base64.ts";
import type { PrivateKey, PublicKey } from "./key.ts";
import { WebhookVerificationError } from "./verification-error.ts";

type ImportedKey = Parameters<typeof crypto.subtle.verify>[1];

const algorithm = "Ed25519";
// The PKCS #8 prefix of an Ed25519 seed. Source: RFC 8410, section 7.
const pkcs8Start = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32);

/** The Ed25519 signature as base64. Throws `invalid_secret` if the two halves of the key do not belong together. */
export async function signEd25519(key: PrivateKey, content: Uint8Array<ArrayBuffer>): Promise<string> {
  const imported = await importKey("pkcs8", Uint8Array.of(...pkcs8Start, ...key.seed), "sign");
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, imported, content));
  // A signature that the public half refuses would be refused by every receiver.
  if (await fits(await importKey("raw", key.publicKey, "verify"), signature, content)) return encodeBase64(signature);
  throw new WebhookVerificationError(
    "invalid_secret",
    "The two halves of the whsk_ key do not belong together: was it put together from two keys?",
  );
}

/**
 * Whether one of the signatures, as base64, was made with the private half of one of the keys. All of it is public, so
 * the first match ends the search.
 */
export async function matchesEd25519(
  keys: readonly PublicKey[],
  signatures: readonly string[],
  content: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const candidates = signatures.flatMap((signature) => decodeSignature(signature) ?? []);
  for (const key of keys) {
    const imported = await importKey("raw", key.publicKey, "verify");
    for (const candidate of candidates) if (await fits(imported, candidate, content)) return true;
  }
  return false;
}

/** Only the sender's spelling is accepted, so that no character of the header can be changed. */
function decodeSignature(signature: string): Uint8Array<ArrayBuffer> | null {
  const bytes = decodeBase64(signature);
  return bytes !== null && encodeBase64(bytes) === signature ? bytes : null;
}

async function fits(key: ImportedKey, signature: Uint8Array<ArrayBuffer>, content: Uint8Array<ArrayBuffer>) {
  return await crypto.subtle.verify(algorithm, key, signature, content);
}

async function importKey(
  format: "raw" | "pkcs8",
  bytes: Uint8Array<ArrayBuffer>,
  usage: "sign" | "verify",
): Promise<ImportedKey> {
  try {
    return await crypto.subtle.importKey(format, bytes, algorithm, false, [usage]);
  } catch (cause) {
    throw new WebhookVerificationError(
      "invalid_secret",
      "The Ed25519 key cannot be used here: does this runtime's crypto know Ed25519?",
      { cause },
    );
  }
}
