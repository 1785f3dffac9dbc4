import { formatPublicKey, formatSecret, parseKey } from "@weft/receiver";
import type { Reading } from "./reading.ts";

/** The keys that a text may have been meant for: the key that `@weft/receiver` reads, and the keys of common mistakes. */
export function secretReadings(secret: string): Reading<string>[] {
  const read = keyOf(secret);
  const trimmed = secret.trim().replaceAll(/^(["'`])(.*)\1$/gs, "$2");
  const bare = trimmed.replace(/^wh(?:sec|pk|sk)_/, "");
  const mistakes: readonly (readonly [key: string | null, advice: string])[] = [
    [keyOf(trimmed), "remove the spaces or quotes around the secret"],
    [keyOf(trimmed, "private"), "whsk_ is the private key of the sender; use its public key, whpk_"],
    [keyOf(`whsec_${bare}`), "write whsec_ before the secret"],
    [keyOf(`whpk_${bare}`), "write whpk_ before the key"],
    [textKey(bare), "the sender used its text as the key and did not decode the base64"],
    [textKey(`whsec_${bare}`), "the sender used its text with whsec_ as the key and did not decode the base64"],
  ];
  const keys = new Map<string, Reading<string>>();
  if (read !== null) keys.set(read, { value: read, finding: null });
  for (const [value, advice] of mistakes) {
    if (value === null || keys.has(value)) continue;
    const text = `The secret is right, but it was read differently: ${advice}.`;
    keys.set(value, { value, finding: { code: "secret_read_differently", text } });
  }
  return [...keys.values()];
}

/** The version of the signatures that a key verifies. */
export function versionOf(key: string): "v1" | "v1a" {
  return key.startsWith("whpk_") ? "v1a" : "v1";
}

/** One text for each key, so that equal keys are tried once. A private key is read only where that is asked for. */
function keyOf(text: string, allowed: "public" | "private" = "public"): string | null {
  try {
    const key = parseKey(text);
    if (key.kind === "shared") return formatSecret(key.bytes);
    return key.kind === allowed || key.kind === "public" ? formatPublicKey(key) : null;
  } catch {
    return null;
  }
}

function textKey(text: string): string | null {
  return text === "" ? null : formatSecret(Buffer.from(text));
}
