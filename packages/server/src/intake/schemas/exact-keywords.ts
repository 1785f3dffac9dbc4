// The keywords of JSON Schema that compare numbers, by exact decimal values where `parseExact` read schema and payload.

import type { Ajv, FuncKeywordDefinition } from "ajv";
import type { DataValidateFunction } from "ajv/dist/types/index.js";
import { decimalKey } from "../../domain/decimal.ts";
import { canonicalText, compareNumbers, decimalAt, isMultipleOf, memberOf, type Placed } from "./exact-json.ts";

/** The message of the mistake; null when the value is valid. */
type Check = (data: Placed) => string | null;

interface Keyword {
  readonly name: string;
  /** The type of the values that it applies to; all when absent. */
  readonly type?: "number" | "array";
  /** `placed` is the keyword's value in the schema. */
  readonly checkFor: (placed: Placed) => Check;
}

const keywords: readonly Keyword[] = [
  {
    name: "const",
    checkFor: (placed) => {
      const isSame = equalTo(placed);
      return (data) => (isSame(data) ? null : `must be ${shown(placed)}`);
    },
  },
  {
    name: "enum",
    checkFor: ({ value }) => {
      const allowed = (value as unknown[]).map((_, index) => canonicalText(memberOf(value as object, index)));
      const texts = new Set(allowed);
      const hasNested = allowed.some((text) => /^[[{]/.test(text));
      return (data) => {
        // A large object is not printed where no object is allowed.
        const isAllowed = (hasNested || !isNested(data.value)) && texts.has(canonicalText(data));
        return isAllowed ? null : "must be equal to one of the allowed values";
      };
    },
  },
  {
    name: "uniqueItems",
    type: "array",
    checkFor:
      ({ value: isUnique }) =>
      ({ value }) =>
        isUnique === true ? duplicateIn(value as unknown[]) : null,
  },
  limit("minimum", ">=", (difference) => difference >= 0),
  limit("maximum", "<=", (difference) => difference <= 0),
  limit("exclusiveMinimum", ">", (difference) => difference > 0),
  limit("exclusiveMaximum", "<", (difference) => difference < 0),
  {
    name: "multipleOf",
    type: "number",
    checkFor: (placed) => {
      const divisor = decimalAt(placed);
      return (data) => (isMultipleOf(decimalAt(data), divisor) ? null : `must be multiple of ${shown(placed)}`);
    },
  },
];

function limit(name: string, sign: string, holds: (difference: number) => boolean): Keyword {
  return {
    name,
    type: "number",
    checkFor: (placed) => (data) => (holds(compareNumbers(data, placed)) ? null : `must be ${sign} ${shown(placed)}`),
  };
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function equalTo(placed: Placed): (data: Placed) => boolean {
  const { value } = placed;
  if (typeof value === "number") return (data) => typeof data.value === "number" && compareNumbers(data, placed) === 0;
  if (typeof value !== "object" || value === null) return (data) => data.value === value;
  const text = canonicalText(placed);
  return (data) => canonicalText(data) === text;
}

function duplicateIn(items: readonly unknown[]): string | null {
  const known = new Map<string, number>();
  for (const index of items.keys()) {
    const text = canonicalText(memberOf(items, index));
    const first = known.get(text);
    if (first !== undefined) return `must NOT have duplicate items (items ## ${first} and ${index} are identical)`;
    known.set(text, index);
  }
  return null;
}

function shown(placed: Placed): string {
  const { value } = placed;
  if (typeof value !== "number") return JSON.stringify(value);
  const plain = String(value);
  const exact = decimalAt(placed);
  if (decimalKey(exact) === canonicalText({ value, holder: undefined, key: "" })) return plain;
  return `${exact.sign === -1 ? "-" : ""}${exact.digits}${exact.exponent === 0 ? "" : `e${exact.exponent}`}`;
}

/** Replaces the compiler's keywords by exact ones. */
export function withExactKeywords(ajv: Ajv): Ajv {
  for (const keyword of keywords) ajv.removeKeyword(keyword.name).addKeyword(definitionOf(keyword));
  return ajv;
}

function definitionOf({ name, type, checkFor }: Keyword): FuncKeywordDefinition {
  return {
    keyword: name,
    ...(type !== undefined && { type }),
    errors: true,
    compile: (_, parentSchema) => {
      const check = checkFor(memberOf(parentSchema, name));
      const validate: DataValidateFunction = (value, context) => {
        const message = check({ value, holder: context?.parentData, key: context?.parentDataProperty ?? "" });
        if (message === null) return true;
        validate.errors = [{ keyword: name, message, params: {} }];
        return false;
      };
      return validate;
    },
  };
}
