import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { parseSecret } from "@weft/receiver";
import type { SigningSecret, Target } from "../domain/subscription.ts";

/** A signing secret ready for use. */
export interface SigningKey {
  readonly key: KeyObject;
  /** Unix ms; null for the current one. */
  readonly expiresAt: number | null;
}

export function signingKey({ secret, expiresAt }: SigningSecret): SigningKey {
  return { key: createSecretKey(parseSecret(secret)), expiresAt };
}

/** A subscription's own headers as name, value, name, value …, in lower case. */
export function ownHeaders(target: Target): string[] {
  return Object.entries(target.headers).flatMap(([name, value]) => [name.toLowerCase(), value]);
}

export interface Signed {
  /** The message's id in its `msg_` spelling; the same on every attempt. */
  readonly id: string;
  /** Unix ms of this attempt. */
  readonly at: number;
  readonly payload: string;
  readonly keys: readonly SigningKey[];
}

/**
 * The headers of one attempt, both families: `svix-*` for the documents' receivers, `webhook-*` for Standard Webhooks.
 * One signature for each secret that is live, so that a receiver may change over at any time of a rotation.
 */
export function requestHeaders(signed: Signed, userAgent: string, own: readonly string[]): string[] {
  const timestamp = String(Math.floor(signed.at / 1000));
  const signature = signatures(signed, timestamp);
  return [
    "content-type",
    "application/json",
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
    ...own,
  ];
}

function signatures({ id, at, payload, keys }: Signed, timestamp: string): string {
  const content = `${id}.${timestamp}.${payload}`;
  return keys
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > at)
    .map(({ key }) => `v1,${createHmac("sha256", key).update(content).digest("base64")}`)
    .join(" ");
}
