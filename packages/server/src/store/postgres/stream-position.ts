import type { StreamPosition } from "../streams/interface.ts";
import type { Snapshot } from "./snapshot.ts";

/** A position in the log of one organization. */
export interface ChangePosition {
  /** The time when everything up to here had been returned (Unix ms). */
  readonly at: number;
  readonly seen: Snapshot;
  /** The number of parts that were returned of each transaction that is not yet complete. */
  readonly begun: readonly { readonly transaction: bigint; readonly parts: number }[];
  /** An entry that was returned: if it is missing, this is the log of another database. Null without one. */
  readonly witness: { readonly transaction: bigint; readonly committedAt: number } | null;
}

// Transactions are stored as their distance from the next one: two digits instead of eight.
export function textOf({ at, seen, begun, witness }: ChangePosition): StreamPosition {
  const below = (transaction: bigint) => (seen.next - transaction).toString(36);
  return [
    "p1",
    at.toString(36),
    seen.next.toString(36),
    seen.running.map(below).join("."),
    begun.map(({ transaction, parts }) => `${transaction.toString(36)}.${parts.toString(36)}`).join("_"),
    witness === null ? "" : `${witness.transaction.toString(36)}.${witness.committedAt.toString(36)}`,
  ].join("-");
}

const number = "[0-9a-z]{1,13}";
const pattern = new RegExp(
  `^p1-(${number})-(${number})-((?:${number}\\.)*${number}|)-((?:${number}\\.${number}_)*${number}\\.${number}|)-(${number}\\.${number}|)$`,
);
const lengthMax = 8_192;

/** Null if the text is not a position. */
export function positionIn(text: string): ChangePosition | null {
  const found = text.length > lengthMax ? null : pattern.exec(text);
  if (found === null) return null;
  const [, at = "", nextText = "", running = "", begun = "", witness = ""] = found;
  const next = bigintIn(nextText);
  const position: ChangePosition = {
    at: Number(bigintIn(at)),
    seen: { next, running: partsOf(running, ".").map((distance) => next - bigintIn(distance)) },
    begun: partsOf(begun, "_").map((pair) => {
      const [transaction, parts] = pairIn(pair);
      return { transaction, parts: Number(parts) };
    }),
    witness: witnessIn(witness),
  };
  return isSound(position) ? position : null;
}

function witnessIn(text: string): ChangePosition["witness"] {
  if (text === "") return null;
  const [transaction, committedAt] = pairIn(text);
  return { transaction, committedAt: Number(committedAt) };
}

// The database counts in this way, and any other count would make it fail.
const transactionMax = 2n ** 63n - 1n;

function isSound({ at, seen, begun, witness }: ChangePosition): boolean {
  const transactions = [seen.next, ...seen.running, ...begun.map(({ transaction }) => transaction)];
  if (witness !== null) transactions.push(witness.transaction);
  const numbers = [at, witness?.committedAt ?? 0, ...begun.map(({ parts }) => parts)];
  return (
    transactions.every((transaction) => transaction >= 0n && transaction <= transactionMax) &&
    numbers.every(Number.isSafeInteger) &&
    begun.every(({ parts }) => parts < 2 ** 31)
  );
}

function partsOf(text: string, separator: string): string[] {
  return text === "" ? [] : text.split(separator);
}

function pairIn(text: string): [bigint, bigint] {
  const [first = "", second = ""] = text.split(".");
  return [bigintIn(first), bigintIn(second)];
}

function bigintIn(text: string): bigint {
  let value = 0n;
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36));
  return value;
}
