import { ApiError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import { fillBucket, nextTokenAt, paidFor, type RateBucket, takeTokens } from "../domain/rate-limit.ts";

/** A credential that is unknown here: a key that does not exist, or a token that was not created here. */
export class WrongKeyError extends ApiError {
  /**
   * The prefix by which wrong keys are counted, in addition to their address; null for text without the prefix of a Weft key.
   */
  readonly prefix: string | null;

  constructor(message: string, credential: string, options: ErrorOptions = {}) {
    super("unauthenticated", message, options);
    this.prefix = credential.startsWith("weft_") ? credential.slice(0, countedPrefixLength) : null;
  }
}

const countedPrefixLength = 12;

/**
 * Counts wrong keys by address and by key prefix. It is called only after a key was found to be wrong, so that attempts from
 * the same address or with the same prefix never lock out a correct key.
 */
export class WrongKeys {
  readonly #now: () => number;
  readonly #buckets = new Map<string, RateBucket>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a wrong key. Returns the seconds until the next one is reported as wrong again; null when this one may be. */
  take(address: string | undefined, prefix: string | null): number | null {
    const names = [`from ${networkOf(address ?? "")}`, ...(prefix === null ? [] : [`key ${prefix}`])];
    const waits = names.map((name) => this.#takeOf(name)).filter((seconds) => seconds !== null);
    return waits.length === 0 ? null : Math.max(...waits);
  }

  #takeOf(name: string): number | null {
    const now = this.#now();
    const limit = limits.wrongKeysPerSecondMax;
    const before = fillBucket(this.#buckets.get(name) ?? null, limit, now);
    const isExceeded = paidFor(before) < 1;
    const bucket = isExceeded ? before : takeTokens(before, 1);
    // The oldest entry is removed, because its bucket is the fullest.
    this.#buckets.delete(name);
    if (this.#buckets.size >= limits.wrongKeyCountersMax) this.#buckets.delete(this.#buckets.keys().next().value ?? "");
    this.#buckets.set(name, bucket);
    return isExceeded ? Math.max(1, Math.ceil((nextTokenAt(bucket, limit) - now) / 1_000)) : null;
  }
}

/** A machine can use any number of IPv6 addresses within one /64. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail = ""] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  const zeros = address.includes("::") ? Array<string>(8 - groups.length - after.length).fill("0") : [];
  return [...groups, ...zeros, ...after].slice(0, 4).join(":");
}
