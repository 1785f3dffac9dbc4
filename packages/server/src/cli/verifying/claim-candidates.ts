import type { Candidate, FindingCode, SignatureFinding } from "./candidate.ts";

/** What the headers of one family say. */
export interface Claim {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

/** The families in the order in which `@weft/receiver` looks at them. */
export const families = ["svix", "webhook"] as const;
export type Family = (typeof families)[number];
const parts = ["id", "timestamp", "signature"] as const;

export type PartialClaim = Partial<Claim>;

export function partialClaimOf(headers: readonly (readonly [string, string])[], family: Family): PartialClaim {
  const found: { -readonly [Part in keyof Claim]?: string } = {};
  for (const part of parts) {
    const header = headers.find(([name]) => name.toLowerCase() === `${family}-${part}`);
    if (header?.[1]) found[part] = header[1];
  }
  return found;
}

export function isWhole(claim: PartialClaim): claim is Claim {
  return parts.every((part) => claim[part] !== undefined);
}

/** What the headers may have said before something changed them: first as the receiver reads them. Empty when parts are missing in both families. */
export function claimCandidates(headers: readonly (readonly [string, string])[], bodyText: string): Candidate<Claim>[] {
  const { svix, webhook } = { svix: partialClaimOf(headers, "svix"), webhook: partialClaimOf(headers, "webhook") };
  const joined = { ...webhook, ...svix };
  const read = [svix, webhook].find(isWhole);
  if (read === undefined) return isWhole(joined) ? [{ value: joined, finding: mixedFamilies }] : [];
  return [{ value: read, finding: null }, ...otherFamily(svix, webhook, read), ...alterations(read, bodyText)];
}

const mixedFamilies: SignatureFinding = {
  code: "other_family",
  text: "With the svix-* and the webhook-* headers put together it would verify: something dropped some of each.",
};

function otherFamily(svix: PartialClaim, webhook: PartialClaim, read: Claim): Candidate<Claim>[] {
  if (!isWhole(svix) || !isWhole(webhook)) return [];
  const different = parts.filter((part) => svix[part] !== webhook[part]);
  if (different.length === 0) return [];
  const names = different.map((part) => `${families[0]}-${part}`).join(", ");
  const text = `The two families of headers differ: the webhook-* headers verify, and what is read first, ${names}, was changed.`;
  const whole: Candidate<Claim> = { value: webhook, finding: { code: "other_family", text } };
  // Each part alone, for a request of which only one was changed in each family.
  const single = different.map((part) => ({
    value: { ...read, [part]: webhook[part] },
    finding: { code: changeCodes[part], text: `${families[0]}-${part} was changed; webhook-${part} fits.` },
  }));
  return different.length === 1 ? [whole] : [whole, ...single];
}

const changeCodes: Readonly<Record<(typeof parts)[number], FindingCode>> = {
  id: "id_changed",
  timestamp: "timestamp_changed",
  signature: "signature_changed",
};

function alterations(claim: Claim, bodyText: string): Candidate<Claim>[] {
  return [
    ...idsLike(claim.id, bodyText).map(({ value, how }) => ({
      value: { ...claim, id: value },
      finding: { code: "id_changed", text: `The id header is not the id that was signed: it fits ${how}.` } as const,
    })),
    ...timestampsLike(claim.timestamp).map(({ value, how }) => ({
      value: { ...claim, timestamp: value },
      finding: { code: "timestamp_changed", text: `The timestamp header was changed: it fits ${how}.` } as const,
    })),
    ...signaturesLike(claim.signature).map(({ value, how }) => ({
      value: { ...claim, signature: value },
      finding: { code: "signature_changed", text: `The signature header was changed: it fits ${how}.` } as const,
    })),
  ];
}

interface Guess {
  readonly value: string;
  readonly how: string;
}

function idsLike(id: string, bodyText: string): Guess[] {
  const guesses = [
    { value: id.replace(/^["'<]+|["'>]+$/g, ""), how: "the id without its quotes" },
    { value: id.toLowerCase(), how: "the id in lower case" },
    { value: id.toUpperCase(), how: "the id in upper case" },
    { value: id.replace(/^msg_/, ""), how: "the id without msg_" },
    { value: `msg_${id}`, how: "the id with msg_ before it" },
    ...idsInBody(bodyText),
  ];
  return guesses.filter(({ value }) => value !== "" && value !== id);
}

const idFields = ["id", "message_id", "event_id", "eventId", "messageId"];

function idsInBody(bodyText: string): Guess[] {
  try {
    const parsed: unknown = JSON.parse(bodyText);
    if (typeof parsed !== "object" || parsed === null) return [];
    const fields = new Map(Object.entries(parsed));
    return idFields.flatMap((field) => {
      const value: unknown = fields.get(field);
      return typeof value === "string" ? [{ value, how: `the field ${field} of the body` }] : [];
    });
  } catch {
    return [];
  }
}

function timestampsLike(timestamp: string): Guess[] {
  const number = Number(timestamp);
  const ofDate = Math.floor(Date.parse(timestamp) / 1_000);
  const guesses = [
    { value: String(Math.floor(number / 1_000)), how: "it in seconds instead of milliseconds" },
    { value: String(Math.floor(number)), how: "its whole seconds" },
    { value: String(ofDate), how: "that time as Unix seconds" },
  ];
  return guesses.filter(({ value }) => /^[1-9]\d*$/.test(value) && value !== timestamp);
}

function signaturesLike(signature: string): Guess[] {
  const guesses = [
    { value: signature.replaceAll(/,?\s*,\s*(?=v\d)/g, " "), how: "its entries separated by spaces instead of commas" },
    { value: `v1,${signature}`, how: "it with v1, before it" },
    { value: `v1a,${signature}`, how: "it with v1a, before it" },
    { value: signature.replaceAll("-", "+").replaceAll("_", "/"), how: "it in base64 instead of base64url" },
    {
      value: signature.replaceAll("%2B", "+").replaceAll("%2F", "/").replaceAll("%3D", "="),
      how: "it without its %-escapes",
    },
    { value: signature.replaceAll(/(v1,[A-Za-z0-9+/]{43})(?= |$)/g, "$1="), how: "it with the = at its end" },
    { value: signature.replaceAll(/(v1a,[A-Za-z0-9+/]{86})(?= |$)/g, "$1=="), how: "it with the == at its end" },
    { value: signature.replaceAll("v1=", "v1,"), how: "it with v1, in place of v1=" },
  ];
  return guesses.filter(({ value }) => value !== signature);
}
