// Decimal numbers by their exact value. A double represents 9007199254740993 and 1.10 only approximately.

/** The value is `sign` × `digits` × 10^`exponent`. The digits neither begin nor end with a zero. Zero has no digits. */
export interface Decimal {
  readonly sign: 1 | -1;
  readonly digits: string;
  readonly exponent: number;
}

const zero = 0x30;
const exponentLengthMax = 15;

/**
 * The value of a JSON number; null when its exponent has more than 15 digits, which is far beyond the range of a double. The
 * time is proportional to the length of the text, regardless of the exponent.
 */
export function decimalOf(number: string): Decimal | null {
  const sign = number.startsWith("-") ? -1 : 1;
  const mark = number.search(/[eE]/);
  const mantissa = number.slice(sign === -1 ? 1 : 0, mark === -1 ? number.length : mark);
  const point = mantissa.indexOf(".");
  const fraction = point === -1 ? "" : mantissa.slice(point + 1);
  const all = point === -1 ? mantissa : mantissa.slice(0, point) + fraction;
  let start = 0;
  while (start < all.length && all.charCodeAt(start) === zero) start += 1;
  if (start === all.length) return { sign: 1, digits: "", exponent: 0 };
  let end = all.length;
  while (all.charCodeAt(end - 1) === zero) end -= 1;
  const written = mark === -1 ? 0 : exponentOf(number.slice(mark + 1));
  if (written === null) return null;
  return { sign, digits: all.slice(start, end), exponent: written - fraction.length + (all.length - end) };
}

function exponentOf(text: string): number | null {
  const isSigned = text.startsWith("-") || text.startsWith("+");
  let start = isSigned ? 1 : 0;
  while (text.charCodeAt(start) === zero) start += 1;
  if (text.length - start > exponentLengthMax) return null;
  const size = Number(text.slice(start));
  return text.startsWith("-") ? -size : size;
}

/** One text for each value: equal for 1, 1.0 and 1e0. */
export function decimalKey({ sign, digits, exponent }: Decimal): string {
  return digits === "" ? "0" : `${sign === -1 ? "-" : ""}${digits}e${exponent}`;
}

/** Whether a text is a number as JSON writes it. */
export function isJsonNumber(text: string): boolean {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text);
}

/** A number token of 16 digits or more, or with an exponent. JavaScript prints any other number with its written value. */
const longNumber = /(?:^|[\s,:[])-?(?:[\d.]{16,}|[\d.]+[eE])/;

/** Whether JSON.parse may change the value of a number in a JSON text. */
export function mayBeRounded(json: string): boolean {
  return longNumber.test(json);
}

/** Whether JavaScript prints a double with the value of this decimal. */
export function isPrintedAs(value: number, decimal: Decimal): boolean {
  return Number.isFinite(value) && decimalKey(decimal) === decimalKey(printedValue(value));
}

/** The value that JavaScript prints a finite double with. */
export function printedValue(value: number): Decimal {
  return decimalOf(String(value)) ?? { sign: 1, digits: "", exponent: 0 };
}
