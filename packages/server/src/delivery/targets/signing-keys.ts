import { createHmac, createPrivateKey, createSecretKey, type KeyObject, sign } from "node:crypto";
import { type PrivateKey, parseSigningKey } from "@weft/receiver";
import { assertNever } from "../../domain/assert-never.ts";
import type { SigningSecret } from "../../domain/subscription.ts";

/** A signing secret, prepared for use. */
export interface SigningKey {
  /** HMAC-SHA256 or Ed25519. */
  readonly version: "v1" | "v1a";
  readonly key: KeyObject;
  /** Unix ms; null for the current one. */
  readonly expiresAt: number | null;
}

export function signingKey({ secret, expiresAt }: SigningSecret): SigningKey {
  const key = parseSigningKey(secret);
  return key.kind === "shared"
    ? { version: "v1", key: createSecretKey(key.bytes), expiresAt }
    : { version: "v1a", key: ed25519Key(key), expiresAt };
}

function ed25519Key({ seed, publicKey }: PrivateKey): KeyObject {
  const jwk = { kty: "OKP", crv: "Ed25519", d: base64url(seed), x: base64url(publicKey) };
  return createPrivateKey({ format: "jwk", key: jwk });
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

export interface Signed {
  /** The message's id in its `msg_` spelling. It is equal on every attempt. */
  readonly id: string;
  /** Unix ms of this attempt. */
  readonly at: number;
  readonly payload: string;
  readonly keys: readonly SigningKey[];
}

/** One signature for each secret that has not expired, the newest first. */
export function signatures({ id, at, payload, keys }: Signed, timestamp: string): string {
  const content = `${id}.${timestamp}.${payload}`;
  return keys
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > at)
    .map((key) => signatureBy(key, content))
    .join(" ");
}

function signatureBy({ version, key }: SigningKey, content: string): string {
  switch (version) {
    case "v1":
      return `v1,${createHmac("sha256", key).update(content).digest("base64")}`;
    case "v1a":
      return `v1a,${sign(null, Buffer.from(content), key).toString("base64")}`;
    default:
      return assertNever(version);
  }
}
