import type { Reading } from "./reading.ts";
import type { ReceivedRequest } from "./received-request.ts";

/** The families of headers in the order in which `@weft/receiver` reads them. */
export const families = ["svix", "webhook"] as const;
export type Family = (typeof families)[number];

const parts = ["id", "timestamp", "signature"] as const;

export type SignatureHeaders = Readonly<Record<(typeof parts)[number], string>>;

export function signatureHeaders({ headers }: ReceivedRequest, family: Family): Partial<SignatureHeaders> {
  const found = parts.flatMap((part) => {
    const value = headers.find(([name]) => name.toLowerCase() === `${family}-${part}`)?.[1];
    return value === undefined || value === "" ? [] : [[part, value]];
  });
  return Object.fromEntries(found) as Partial<SignatureHeaders>;
}

export function isComplete(headers: Partial<SignatureHeaders>): headers is SignatureHeaders {
  return parts.every((part) => headers[part] !== undefined);
}

/** The headers that may have been signed, those that the receiver reads first. It is empty when no family is complete. */
export function headerReadings(request: ReceivedRequest): Reading<SignatureHeaders>[] {
  const [svix, webhook] = [signatureHeaders(request, "svix"), signatureHeaders(request, "webhook")];
  const read = [svix, webhook].find(isComplete);
  if (read === undefined) return [];
  const readings: Reading<SignatureHeaders>[] = [{ value: read, finding: null }];
  if (read === svix && isComplete(webhook)) {
    const changed = parts.filter((part) => svix[part] !== webhook[part]).map((part) => `svix-${part}`);
    readings.push(changedTo(webhook, `${changed.join(", ")} was changed: the webhook-* headers verify`));
  }
  const seconds = String(Math.floor(Number(read.timestamp) / 1_000));
  readings.push(
    changedTo({ ...read, timestamp: seconds }, "the timestamp is in milliseconds; Unix seconds were signed"),
  );
  const separated = read.signature.replaceAll(/,\s*(?=v\d+a?,)/g, " ");
  readings.push(
    changedTo({ ...read, signature: separated }, "commas separate its signatures; the sender writes spaces"),
  );
  for (const version of ["v1", "v1a"]) {
    readings.push(
      changedTo(
        { ...read, signature: `${version},${read.signature}` },
        `"${version}," is missing before the signature`,
      ),
    );
  }
  return readings;
}

function changedTo(value: SignatureHeaders, how: string): Reading<SignatureHeaders> {
  return { value, finding: { code: "header_changed", text: `A header was changed after it was signed: ${how}.` } };
}
