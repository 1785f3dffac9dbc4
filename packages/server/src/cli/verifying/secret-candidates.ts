import { formatPublicKey, formatSecret, parseKey } from "@weft/receiver";
import type { Candidate } from "./candidate.ts";

/** A key that can verify, in the form that `@weft/receiver` takes. */
export interface NamedKey {
  readonly key: string;
  readonly version: "v1" | "v1a";
}

/** The keys that a secret may stand for: as `@weft/receiver` reads it, unless it cannot, and then in other ways. */
export function secretCandidates(secret: string): Candidate<NamedKey>[] {
  const seen = new Set<string>();
  return [...asItIs(secret), ...readDifferently(secret)].filter(({ value: { key } }) => {
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function asItIs(secret: string): Candidate<NamedKey>[] {
  const named = namedKey(secret);
  return named === null ? [] : [{ value: named, finding: null }];
}

/** In one form for each key, so that the same key is not tried twice. */
function namedKey(secret: string): NamedKey | null {
  try {
    const key = parseKey(secret);
    if (key.kind === "shared") return { key: formatSecret(key.bytes), version: "v1" };
    return key.kind === "public" ? { key: formatPublicKey(key), version: "v1a" } : null;
  } catch {
    return null;
  }
}

function readDifferently(secret: string): Candidate<NamedKey>[] {
  const trimmed = secret
    .trim()
    .replaceAll(/^(["'`])(.*)\1$/gs, "$2")
    .trim();
  const bare = trimmed.replace(/^wh(sec|pk|sk)_/, "");
  const isPrefixed = bare !== trimmed;
  const readings: readonly (readonly [string | null, string])[] = [
    [trimmed, "the secret without the spaces or quotes around it"],
    [publicHalf(trimmed), "whsk_ is the sender's private key; it fits its public half, whpk_"],
    [`whsec_${bare}`, `the secret ${isPrefixed ? "with whsec_ as its prefix" : "with whsec_ before it"}, as base64`],
    [`whpk_${bare}`, `the key with whpk_ ${isPrefixed ? "as its prefix" : "before it"}, as an Ed25519 key`],
    [
      utf8(bare),
      `the text ${isPrefixed ? "after the prefix" : "of the secret"} itself as the key: base64 was not decoded`,
    ],
    [utf8(`whsec_${bare}`), "the text with whsec_ itself as the key: the prefix was not taken off, nor base64 decoded"],
    [base64url(bare), "the secret read as base64url"],
    [hex(bare), "the secret read as hexadecimal digits"],
  ];
  return readings.flatMap(([text, how]) => {
    const value = text === null ? null : namedKey(text);
    if (value === null) return [];
    return [
      { value, finding: { code: "secret_read_differently", text: `The key is right and read differently: ${how}.` } },
    ];
  });
}

function publicHalf(secret: string): string | null {
  try {
    const key = parseKey(secret);
    return key.kind === "private" ? formatPublicKey(key) : null;
  } catch {
    return null;
  }
}

function utf8(text: string): string | null {
  return text === "" ? null : formatSecret(Buffer.from(text));
}

function base64url(text: string): string | null {
  return /^[\w-]+={0,2}$/.test(text) && /[-_]/.test(text) ? formatSecret(Buffer.from(text, "base64url")) : null;
}

function hex(text: string): string | null {
  return /^([\dA-Fa-f]{2})+$/.test(text) ? formatSecret(Buffer.from(text, "hex")) : null;
}
