// JSON whose numbers are compared by their exact decimal value, although JavaScript's numbers are doubles.

import { type Decimal, decimalKey, decimalOf, isPrintedAs, mayBeRounded, printedValue } from "../../domain/decimal.ts";

/** For each object and list, the members that a double represents only approximately. */
const exactMembers = new WeakMap<object, Map<string, Decimal>>();

/**
 * Parses like JSON.parse, and remembers the exact values of numbers that a double cannot represent. Such a number becomes a
 * double that is an integer if the number is. Throws for a number whose exponent has more than 15 digits.
 */
export function parseExact(text: string): unknown {
  if (!mayBeRounded(text)) return JSON.parse(text);
  return JSON.parse(text, function (this: object, key: string, value: unknown, { source }: { source?: string }) {
    return typeof value === "number" && source !== undefined ? remember(this, key, value, source) : value;
  });
}

function remember(holder: object, key: string, value: number, source: string): number {
  const exact = decimalOf(source);
  if (exact === null) throw new Error(`The number ${source.slice(0, 40)} has an exponent of more than 15 digits.`);
  const members = exactMembers.get(holder) ?? new Map<string, Decimal>();
  // When a key is repeated, the last value counts.
  members.delete(key);
  if (isPrintedAs(value, exact)) return value;
  exactMembers.set(holder, members.set(key, exact));
  const isInteger = exact.exponent >= 0;
  if (Number.isFinite(value) && Number.isInteger(value) === isInteger) return value;
  return exact.sign * (isInteger ? Number.MAX_VALUE : 0.5);
}

/** A number in its container; elsewhere its exact value is unknown. */
export interface Placed {
  readonly value: unknown;
  readonly holder: object | undefined;
  readonly key: string | number;
}

export function memberOf(holder: object, key: string | number): Placed {
  return { value: (holder as Record<string, unknown>)[key], holder, key };
}

/** Null for a number that a double represents exactly, and for other values. */
function exactOf({ value, holder, key }: Placed): Decimal | null {
  if (typeof value !== "number" || holder === undefined) return null;
  return exactMembers.get(holder)?.get(String(key)) ?? null;
}

export function decimalAt(placed: Placed): Decimal {
  return exactOf(placed) ?? printedValue(placed.value as number);
}

/** Negative when the first number is less, positive when it is greater. */
export function compareNumbers(one: Placed, other: Placed): number {
  if (exactOf(one) === null && exactOf(other) === null) return (one.value as number) - (other.value as number);
  return compareDecimals(decimalAt(one), decimalAt(other));
}

function compareDecimals(one: Decimal, other: Decimal): number {
  const [oneSign, otherSign] = [signOf(one), signOf(other)];
  if (oneSign !== otherSign) return oneSign - otherSign;
  const magnitude = one.digits.length + one.exponent - (other.digits.length + other.exponent);
  if (magnitude !== 0) return magnitude * oneSign;
  return one.digits === other.digits ? 0 : one.digits < other.digits ? -oneSign : oneSign;
}

function signOf({ sign, digits }: Decimal): number {
  return digits === "" ? 0 : sign;
}

/** A canonical text for each JSON value, independent of the order of keys and the form of numbers. */
export function canonicalText(placed: Placed): string {
  const { value } = placed;
  if (typeof value === "number") return decimalKey(decimalAt(placed));
  if (Array.isArray(value)) return `[${value.map((_, index) => canonicalText(memberOf(value, index))).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalText(memberOf(value, key))}`).join(",")}}`;
}

/** Whether the first number is an integer multiple of the second, which is not zero. */
export function isMultipleOf(number: Decimal, divisor: Decimal): boolean {
  if (number.digits === "") return true;
  // Its last digit is not zero, so that it is not a multiple of a power of ten.
  if (number.exponent < divisor.exponent) return false;
  const modulus = BigInt(divisor.digits);
  const power = powerOfTen(number.exponent - divisor.exponent, modulus);
  return (remainder(number.digits, modulus) * power) % modulus === 0n;
}

const digitsAtOnce = 15;

function remainder(digits: string, modulus: bigint): bigint {
  let rest = 0n;
  for (let at = 0; at < digits.length; at += digitsAtOnce) {
    const part = digits.slice(at, at + digitsAtOnce);
    rest = (rest * 10n ** BigInt(part.length) + BigInt(part)) % modulus;
  }
  return rest;
}

function powerOfTen(exponent: number, modulus: bigint): bigint {
  let [result, base] = [1n, 10n % modulus];
  for (let left = BigInt(exponent); left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}
