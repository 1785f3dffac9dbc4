import { ApiError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import { fillBucket, nextTokenAt, paidFor, type RateBucket, takeTokens } from "../domain/rate-limit.ts";

/** A credential that nothing here fits: a key that is not known, or a token that was not made here. */
export class WrongKeyError extends ApiError {
  /** By which wrong keys are counted beside their address; null for what does not begin like a key of Weft's. */
  readonly prefix: string | null;

  constructor(message: string, credential: string, options: ErrorOptions = {}) {
    super("unauthenticated", message, options);
    this.prefix = credential.startsWith("weft_") ? credential.slice(0, countedPrefixLength) : null;
  }
}

const countedPrefixLength = 12;

/**
 * Counts wrong keys by where they come from and by how they begin. It is asked after a key was found to be wrong, so
 * nothing that others try, from the same address or with the same beginning, keeps a right key out.
 */
export class WrongKeys {
  readonly #now: () => number;
  readonly #buckets = new Map<string, RateBucket>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a wrong key. Seconds until the next is called wrong again; null when this one may be. */
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
    // The one that was counted longest ago goes: its bucket is the fullest.
    this.#buckets.delete(name);
    if (this.#buckets.size >= limits.wrongKeyCountersMax) this.#buckets.delete(this.#buckets.keys().next().value ?? "");
    this.#buckets.set(name, bucket);
    return isExceeded ? Math.max(1, Math.ceil((nextTokenAt(bucket, limit) - now) / 1_000)) : null;
  }
}

/** A machine has as many addresses of IPv6 as it likes, all of one /64. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail = ""] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  const zeros = address.includes("::") ? Array<string>(8 - groups.length - after.length).fill("0") : [];
  return [...groups, ...zeros, ...after].slice(0, 4).join(":");
}
