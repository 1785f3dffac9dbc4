import { createHmac, createPrivateKey, createSecretKey, type KeyObject, sign } from "node:crypto";
import { type PrivateKey, parseSigningKey } from "@weft/receiver";
import { assertNever } from "../../domain/assert-never.ts";
import { prefixed } from "../../domain/id.ts";
import type { SigningSecret } from "../../domain/subscription.ts";
import type { RequestUrl } from "../../outbound/exchange.ts";
import { flatHeaders, type TargetSettings, type WriteRequest } from "./target-rules.ts";

/** Writes requests whose body is the payload as it was accepted. */
export function signedRequest({ headers, secrets }: TargetSettings, url: RequestUrl): WriteRequest {
  const own = flatHeaders(headers);
  const keys = secrets.map(signingKey);
  return ({ messageId, payload, contentType }, { at, userAgent }) => {
    const signed = signedHeaders({ id: prefixed("msg", messageId), at, payload, contentType, keys }, userAgent);
    return { kind: "http", url, headers: [...signed, ...own], body: payload };
  };
}

/** A signing secret, prepared for use. */
interface SigningKey {
  /** HMAC-SHA256 or Ed25519. */
  readonly version: "v1" | "v1a";
  readonly key: KeyObject;
  /** Unix ms; null for the current one. */
  readonly expiresAt: number | null;
}

function signingKey({ secret, expiresAt }: SigningSecret): SigningKey {
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

interface Signed {
  /** The message's id in its `msg_` spelling. It is equal on every attempt. */
  readonly id: string;
  /** Unix ms of this attempt. */
  readonly at: number;
  readonly payload: string;
  /** Null for JSON. */
  readonly contentType: string | null;
  readonly keys: readonly SigningKey[];
}

/**
 * The headers of one attempt, in both families: `svix-*` for the documents' receivers, `webhook-*` for Standard Webhooks. There
 * is one signature per live secret, so that a receiver may switch at any time of a rotation.
 */
function signedHeaders(signed: Signed, userAgent: string): string[] {
  const timestamp = String(Math.floor(signed.at / 1000));
  const signature = signatures(signed, timestamp);
  return [
    "content-type",
    signed.contentType ?? "application/json",
    "user-agent",
    userAgent,
    "svix-id",
    signed.id,
    "svix-timestamp",
    timestamp,
    "svix-signature",
    signature,
    "webhook-id",
    signed.id,
    "webhook-timestamp",
    timestamp,
    "webhook-signature",
    signature,
  ];
}

function signatures({ id, at, payload, keys }: Signed, timestamp: string): string {
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
