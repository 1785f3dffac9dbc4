import { verifySignature, WebhookVerificationError } from "@weft/receiver";
import { bodyCandidates, reprintedBytesMax } from "./body-candidates.ts";
import type { Candidate, SignatureFinding } from "./candidate.ts";
import { type Claim, claimCandidates, families, partialClaimOf } from "./claim-candidates.ts";
import type { Question } from "./question.ts";
import { headerOf, type ReceivedRequest } from "./received-request.ts";
import { type NamedKey, secretCandidates } from "./secret-candidates.ts";

/** More things than these are not taken to be wrong at once: of large bodies fewer, since each try reads all of it. */
const changesMax = { small: 2, large: 1 } as const;
const smallBytesMax = 32 * 1024;

/** What is wrong with a request that the kit refuses, its age left aside: the fewest changes after which a signature fits. */
export async function fittingFindings(
  { request, secrets }: Question,
  verdict: WebhookVerificationError,
): Promise<SignatureFinding[]> {
  const claims = claimCandidates(request.headers, request.body.toString("utf8"));
  if (claims.length === 0) return [missingHeaders(request, verdict)];
  const keys = secrets.flatMap(secretCandidates);
  const fit = await fewestChanges(claims, bodyCandidates(request.body), keys);
  if (fit !== null) return fit.length === 0 ? unreadableAmong(verdict) : fit;
  const [claim] = claims;
  const versions = claim === undefined ? [] : otherVersion(claim.value.signature, keys);
  const found = [...unreadableAmong(verdict), ...versions, ...cutBody(request), ...unreadableHeaders(verdict)];
  return found.length > 0 ? found : [nothingFits(request)];
}

async function fewestChanges(
  claims: readonly Candidate<Claim>[],
  bodies: readonly Candidate<Buffer>[],
  keys: readonly Candidate<NamedKey>[],
): Promise<SignatureFinding[] | null> {
  const isSmall = bodies.every(({ value }) => value.length <= smallBytesMax);
  for (let changes = 0; changes <= changesMax[isSmall ? "small" : "large"]; changes += 1) {
    for (const key of keys) {
      for (const claim of claims) {
        for (const body of bodies) {
          const findings = [key, claim, body].flatMap(({ finding }) => (finding === null ? [] : [finding]));
          if (findings.length === changes && (await fits(claim.value, body.value, key.value))) return findings;
        }
      }
    }
  }
  return null;
}

async function fits({ id, timestamp, signature }: Claim, body: Buffer, { key }: NamedKey): Promise<boolean> {
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
  try {
    await verifySignature(body, headers, key, { tolerance: Number.POSITIVE_INFINITY });
    return true;
  } catch (error) {
    // Told of what is signed and no UTF-8.
    return error instanceof WebhookVerificationError && error.code === "invalid_payload";
  }
}

function missingHeaders({ headers }: ReceivedRequest, { message }: WebhookVerificationError): SignatureFinding {
  const there = families.flatMap((family) =>
    Object.keys(partialClaimOf(headers, family)).map((part) => `${family}-${part}`),
  );
  const came = there.length === 0 ? "None of these headers came" : `Of these headers came ${there.join(", ")}`;
  const others = headers
    .map(([name]) => name.toLowerCase())
    .filter((name) => name.includes("signature") && !there.includes(name));
  const other = others.length === 0 ? "" : ` ${others.join(", ")} is there, of another scheme.`;
  const advice = " Look whether a proxy or a framework drops headers.";
  return { code: "missing_header", text: `${message} ${came}.${other}${other === "" ? advice : ""}` };
}

function unreadableAmong({ code, message }: WebhookVerificationError): SignatureFinding[] {
  return code === "invalid_secret" ? [{ code: "secret_unreadable", text: message }] : [];
}

function unreadableHeaders({ code, message }: WebhookVerificationError): SignatureFinding[] {
  const isOfHeaders = ["invalid_message_id", "invalid_timestamp", "invalid_signature_header"].includes(code);
  return isOfHeaders ? [{ code: "headers_unreadable", text: message }] : [];
}

function otherVersion(signature: string, keys: readonly Candidate<NamedKey>[]): SignatureFinding[] {
  const signed = new Set(signature.split(" ").map((entry) => entry.split(",", 1)[0]?.slice(0, 20) ?? ""));
  const known = keys.filter(({ finding }) => finding === null).map(({ value }) => value.version);
  if (known.length === 0 || known.some((version) => signed.has(version))) return [];
  const advice = signed.has("v1a")
    ? "v1a is Ed25519: verify with the subscription's public key, whpk_…."
    : signed.has("v1")
      ? "v1 is HMAC-SHA256: verify with the subscription's shared secret, whsec_…."
      : "This kit verifies v1 and v1a.";
  const text = `The signatures that came are ${[...signed].join(", ")}, the secret is for ${[...new Set(known)].join(", ")}. ${advice}`;
  return [{ code: "other_version", text }];
}

function cutBody(request: ReceivedRequest): SignatureFinding[] {
  const length = headerOf(request, "content-length") ?? "";
  if (!/^\d+$/.test(length) || Number(length) <= request.body.length) return [];
  const text = `The body has ${request.body.length} of the ${length} bytes that its Content-Length says: it was cut.`;
  return [{ code: "body_cut", text }];
}

function nothingFits({ body }: ReceivedRequest): SignatureFinding {
  const tried =
    body.length > reprintedBytesMax
      ? `line ends (a body of more than ${reprintedBytesMax / 1024} KiB is not printed again)`
      : "JSON printed in other ways, line ends";
  const text =
    `No signature fits, whatever was tried: other readings of the secret, ${tried}, a byte order mark, changed headers. ` +
    "Most likely the secret is another subscription's, or one that was rotated away; else the id, the time or the body was changed.";
  return { code: "wrong_secret", text };
}
