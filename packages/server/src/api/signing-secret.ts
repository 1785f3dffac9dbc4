import { randomBytes } from "node:crypto";
import { formatSecret, parseSecret, WebhookVerificationError } from "@weft/receiver";
import { validationFailed } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";

const generatedBytes = 24;
// The documents' own example has 21 bytes and must work; below 16 an HMAC key is guessable.
const bytesMin = 16;

export function newSecret(): string {
  return formatSecret(randomBytes(generatedBytes));
}

/** A caller's own secret in the `whsec_` form that verifies. Throws a 422 when it cannot be a key, or is too short or long. */
export function secretFrom(text: string): string {
  const bytes = bytesOf(text);
  if (bytes === null) throw mistake("This is not a secret: after whsec_ comes base64.");
  if (bytes.length < bytesMin || bytes.length > limits.secretBytesMax) {
    throw mistake(
      `A secret stands for ${limits.secretBytesMin} to ${limits.secretBytesMax} bytes; this one for ${bytes.length}.`,
    );
  }
  return formatSecret(bytes);
}

function bytesOf(text: string): Uint8Array | null {
  try {
    return parseSecret(text);
  } catch (error) {
    if (error instanceof WebhookVerificationError) return null;
    throw error;
  }
}

function mistake(msg: string) {
  return validationFailed([{ loc: ["body", "secret"], msg, type: "secret_invalid" }]);
}
