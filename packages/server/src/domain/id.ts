// An id is one 128-bit UUIDv7 with two spellings: a UUID in tables and the Airweave-style API, and `prefix_` + 22 base62 digits
// in `svix-id` headers. Both spellings sort by time.

declare const brand: unique symbol;
export type Id<Kind extends string> = string & { readonly [brand]: Kind };

export type OrganizationId = Id<"organization">;
export type ApiKeyId = Id<"apiKey">;
export type MessageId = Id<"message">;
export type SubscriptionId = Id<"subscription">;
export type AttemptId = Id<"attempt">;
export type RecoveryId = Id<"recovery">;
export type TaskId = Id<"task">;
export type CollectionId = Id<"collection">;
export type SourceConnectionId = Id<"sourceConnection">;
export type SyncId = Id<"sync">;
export type SyncJobId = Id<"syncJob">;
export type AuthorizationId = Id<"authorization">;
export type NodeId = Id<"node">;
export type AuditEntryId = Id<"auditEntry">;

export type IdPrefix = "app" | "msg" | "ep" | "atmpt" | "rcvr" | "qtask";

/** Generates ids of any kind. main.ts builds one from the real clock and real randomness. */
export type NewId = <Kind extends string>() => Id<Kind>;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const base62Length = 22;
const twoDigits = 62 ** 2;
const threeDigits = 62 ** 3;
const limb = 2 ** 32;
const twoDigitTexts = Array.from({ length: twoDigits }, (_, n) => alphabet.charAt(n / 62) + alphabet.charAt(n % 62));

/**
 * Generates UUIDv7s that always increase, also within one millisecond and when the clock is set back. Source: RFC 9562, section
 * 6.2, method 1 (the 12 bits of rand_a count within a millisecond).
 */
export function idSource(clock: () => number, randomBytes: (size: number) => Uint8Array): NewId {
  const poolSize = 8 * 512;
  let pool = randomBytes(0);
  let poolAt = 0;
  let lastMs = 0;
  let time = timeDigits(lastMs);
  let counter = 0;

  return <Kind extends string>() => {
    const nowMs = clock();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      counter = 0;
    } else if (++counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
    if (counter === 0) time = timeDigits(lastMs);
    if (poolAt + 8 > pool.length) {
      pool = randomBytes(poolSize);
      poolAt = 0;
    }
    const view = new DataView(pool.buffer, pool.byteOffset + poolAt, 8);
    poolAt += 8;
    const high = (view.getUint32(0) & 0x3fffffff) | 0x80000000;
    return uuidFrom(time, counter, high >>> 0, view.getUint32(4)) as Id<Kind>;
  };
}

function uuidFrom(time: string, counter: number, high: number, low: number): string {
  // The first of these bits is the variant's, so that they always have eight digits without padding.
  const tail = high.toString(16);
  return `${time}-7${counter.toString(16).padStart(3, "0")}-${tail.slice(0, 4)}-${tail.slice(4)}${low.toString(16).padStart(8, "0")}`;
}

function timeDigits(ms: number): string {
  const digits = ms.toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}

/** The smallest possible id of this millisecond, which bounds a time window over ids. */
export function firstIdAt<Kind extends string>(ms: number): Id<Kind> {
  const time = Math.min(Math.max(0, Math.trunc(ms)), 2 ** 48 - 1);
  return `${timeDigits(time)}-0000-0000-000000000000` as Id<Kind>;
}

/** The millisecond of an id. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The prefixed spelling, such as `msg_01K…`; 22 digits, sortable. */
export function prefixed(prefix: IdPrefix, id: string): string {
  return `${prefix}_${toBase62(id)}`;
}

/** Reads either spelling. It returns null for text that is not an id, which callers treat like an unknown id. */
export function parseId<Kind extends string>(prefix: IdPrefix, text: string): Id<Kind> | null {
  if (text.startsWith(`${prefix}_`)) return fromBase62(text.slice(prefix.length + 1)) as Id<Kind> | null;
  return parseUuid<Kind>(text);
}

export function parseUuid<Kind extends string>(text: string): Id<Kind> | null {
  const lower = text.toLowerCase();
  return uuidPattern.test(lower) ? (lower as Id<Kind>) : null;
}

// Long division of four 32-bit limbs by 62^3, the largest power whose remainders keep a step below 2^53: three digits a
// round, several times cheaper than BigInt on the hot path.
function toBase62(uuid: string): string {
  let a = Number.parseInt(uuid.slice(0, 8), 16);
  let b = Number.parseInt(uuid.slice(9, 13) + uuid.slice(14, 18), 16);
  let c = Number.parseInt(uuid.slice(19, 23) + uuid.slice(24, 28), 16);
  let d = Number.parseInt(uuid.slice(28), 16);
  let digits = "";
  while (digits.length < base62Length) {
    let value = a;
    a = Math.floor(value / threeDigits);
    value = (value % threeDigits) * limb + b;
    b = Math.floor(value / threeDigits);
    value = (value % threeDigits) * limb + c;
    c = Math.floor(value / threeDigits);
    value = (value % threeDigits) * limb + d;
    d = Math.floor(value / threeDigits);
    const rest = value % threeDigits;
    digits = alphabet.charAt(rest / twoDigits) + twoDigitTexts[rest % twoDigits] + digits;
  }
  return digits.slice(-base62Length);
}

function fromBase62(digits: string): string | null {
  if (digits.length !== base62Length) return null;
  let value = 0n;
  for (const digit of digits) {
    const at = alphabet.indexOf(digit);
    if (at < 0) return null;
    value = value * 62n + BigInt(at);
  }
  const hex = value.toString(16).padStart(32, "0");
  if (hex.length > 32) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
