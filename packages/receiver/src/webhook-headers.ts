import { limits } from "./limits.ts";
import { WebhookVerificationError } from "./verification-error.ts";

/** A request's headers: a web `Headers`, Node's `request.headers`, or pairs. Names in any case. */
export type WebhookHeaders =
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The claims of the headers, which only the signature proves. */
export interface SignatureClaim {
  readonly messageId: string;
  readonly timestampSeconds: number;
  readonly signatures: ClaimedSignatures;
}

/** The signatures of each version that this kit verifies, as base64. */
export type ClaimedSignatures = Readonly<Record<"v1" | "v1a", readonly string[]>>;

/**
 * Reads the `svix-*` headers, or the `webhook-*` headers if those are not complete. Throws `missing_header`,
 * `invalid_message_id`, `invalid_timestamp` or `invalid_signature_header`.
 */
export function readSignatureClaim(headers: WebhookHeaders): SignatureClaim {
  const byName = collectHeaders(headers);
  const { id, timestamp, signature } = readFamily(byName, "svix") ?? readFamily(byName, "webhook") ?? refuse(byName);
  if (id.length > limits.messageIdCharsMax) {
    throw new WebhookVerificationError(
      "invalid_message_id",
      `The message id is longer than ${limits.messageIdCharsMax} characters.`,
    );
  }
  return { messageId: id, timestampSeconds: parseTimestamp(timestamp), signatures: parseSignatures(signature) };
}

interface HeaderFamily {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

/** A family counts only when it is complete: a proxy may have dropped or added one of its headers. */
function readFamily(byName: ReadonlyMap<string, string>, family: "svix" | "webhook"): HeaderFamily | null {
  const id = byName.get(`${family}-id`);
  const timestamp = byName.get(`${family}-timestamp`);
  const signature = byName.get(`${family}-signature`);
  return id && timestamp && signature ? { id, timestamp, signature } : null;
}

function refuse(byName: ReadonlyMap<string, string>): never {
  const missing = ["id", "timestamp", "signature"].filter((part) => {
    return !byName.get(`svix-${part}`) && !byName.get(`webhook-${part}`);
  });
  const sentence =
    missing.length === 0
      ? "The svix-* and the webhook-* headers are both incomplete."
      : `The request lacks ${missing.map((part) => `svix-${part} (or webhook-${part})`).join(", ")}.`;
  throw new WebhookVerificationError("missing_header", sentence);
}

/** The headers by their name in lower case. A repeated header is one list, as in HTTP. */
function collectHeaders(headers: WebhookHeaders): Map<string, string> {
  const byName = new Map<string, string>();
  for (const [name, value] of headerEntries(headers)) {
    if (typeof name !== "string") continue;
    const text = textOf(value);
    if (text !== null && !byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), text);
  }
  return byName;
}

function textOf(value: unknown): string | null {
  const lines: unknown[] = Array.isArray(value) ? value : [value];
  return lines.every((line) => typeof line === "string") ? lines.join(" ") : null;
}

// Callers in JavaScript may violate the types, and a refusal must not become a crash.
function headerEntries(headers: WebhookHeaders): Iterable<readonly unknown[]> {
  if (typeof headers !== "object" || headers === null) return [];
  if (!(Symbol.iterator in headers)) return Object.entries(headers);
  return Array.from(headers as Iterable<unknown>).filter((entry) => Array.isArray(entry));
}

function parseTimestamp(text: string): number {
  const seconds = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= limits.timestampSecondsMax) return seconds;
  throw new WebhookVerificationError(
    "invalid_timestamp",
    "The timestamp header is not a whole number of Unix seconds.",
  );
}

/** The first entries of the list; entries of other versions are for other readers. */
function parseSignatures(header: string): ClaimedSignatures {
  if (header.length > limits.signatureHeaderCharsMax) {
    throw new WebhookVerificationError(
      "invalid_signature_header",
      `The signature header is longer than ${limits.signatureHeaderCharsMax} characters.`,
    );
  }
  const entries = header.split(" ", limits.signaturesMax);
  if (!entries.some((entry) => /^[^,]+,./.test(entry))) {
    throw new WebhookVerificationError(
      "invalid_signature_header",
      'The signature header is not a space-separated list of "version,signature".',
    );
  }
  return { v1: ofVersion("v1", entries), v1a: ofVersion("v1a", entries) };
}

function ofVersion(version: "v1" | "v1a", entries: readonly string[]): string[] {
  const start = `${version},`;
  return entries.filter((entry) => entry.startsWith(start)).map((entry) => entry.slice(start.length));
}
