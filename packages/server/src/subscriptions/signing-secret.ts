import { generateKeyPairSync, randomBytes } from "node:crypto";
import {
  formatPrivateKey,
  formatPublicKey,
  formatSecret,
  parseSigningKey,
  sign,
  WebhookVerificationError,
} from "@weft/receiver";
import { assertNever } from "../domain/assert-never.ts";
import { validationFailed } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { SignatureType } from "../domain/signature-type.ts";

const generatedBytes = 24;

/**
 * The secret that a request contains, in its stored form, or a new one of the type that it names. Throws a 422 if the
 * text cannot sign, is too short or too long, or is not of that type.
 */
export async function secretFor(
  { secret, signature_type }: { secret?: string | null | undefined; signature_type?: SignatureType | null | undefined },
  typeByDefault: SignatureType,
): Promise<string> {
  if (typeof secret !== "string") return newSecret(signature_type ?? typeByDefault);
  await checkSigns(secret);
  const own = formOf(secret);
  const type = signatureTypeOf(own);
  if (type === (signature_type ?? type)) return own;
  const msg = `The secret signs ${type}, not ${signature_type}: v1 takes whsec_, v1a takes whsk_.`;
  throw validationFailed([{ loc: ["body", "signature_type"], msg, type: "signature_type_mismatch" }]);
}

/** The part that a receiver needs: the secret itself, or the public half of a private key. */
export function shownSecret(secret: string): string {
  const key = parseSigningKey(secret);
  return key.kind === "private" ? formatPublicKey(key) : secret;
}

export function signatureTypeOf(secret: string): SignatureType {
  return parseSigningKey(secret).kind === "private" ? "v1a" : "v1";
}

function newSecret(type: SignatureType): string {
  switch (type) {
    case "v1":
      return formatSecret(randomBytes(generatedBytes));
    case "v1a": {
      const { d = "", x = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
      return formatPrivateKey({ seed: Buffer.from(d, "base64url"), publicKey: Buffer.from(x, "base64url") });
    }
    default:
      return assertNever(type);
  }
}

// Only signing shows whether the halves of a private key belong together. The kit's error messages never contain a
// secret.
async function checkSigns(secret: string): Promise<void> {
  // The kit ignores spaces in base64 but not in other secrets, and other libraries differ.
  if (secret.trim() !== secret) throw mistake("A secret does not begin or end with spaces or line breaks.");
  try {
    await sign("", { id: "msg", timestamp: 0, secret });
  } catch (error) {
    if (error instanceof WebhookVerificationError) throw mistake(error.message);
    throw error;
  }
}

function formOf(secret: string): string {
  const key = parseSigningKey(secret);
  if (key.kind === "private") return formatPrivateKey(key);
  const { length } = key.bytes;
  if (length >= limits.secretBytesMin && length <= limits.secretBytesMax) return formatSecret(key.bytes);
  throw mistake(
    `A secret stands for ${limits.secretBytesMin} to ${limits.secretBytesMax} bytes, ` +
      `better for ${generatedBytes} or more; this one for ${length}.`,
  );
}

function mistake(msg: string) {
  return validationFailed([{ loc: ["body", "secret"], msg, type: "secret_invalid" }]);
}
