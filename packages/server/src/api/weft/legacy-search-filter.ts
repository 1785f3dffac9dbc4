import { validationFailed } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import {
  type RequestedCondition,
  type SearchCondition,
  type SearchFilter,
  searchConditionOf,
  searchFilterFields,
} from "../../domain/search-filter.ts";

type Scalar = string | number | boolean;

/** A filter in the form of the older search route: all of `must`, at least one of `should`, and none of `must_not`. */
export interface LegacyFilter {
  readonly must?: readonly LegacyCondition[] | null | undefined;
  readonly should?: readonly LegacyCondition[] | null | undefined;
  readonly must_not?: readonly LegacyCondition[] | null | undefined;
}

export type LegacyCondition = LegacyFilter | LegacyMatch | LegacyRange | LegacyIds;

export interface LegacyMatch {
  readonly key: string;
  readonly match: {
    readonly value?: Scalar | undefined;
    readonly any?: readonly Scalar[] | undefined;
    readonly except?: readonly Scalar[] | undefined;
  };
}

export interface LegacyRange {
  readonly key: string;
  readonly range: Readonly<Partial<Record<keyof typeof orders, Scalar | null | undefined>>>;
}

export interface LegacyIds {
  readonly has_id: readonly string[];
}

const orders = {
  gt: "greater_than",
  gte: "greater_than_or_equal",
  lt: "less_than",
  lte: "less_than_or_equal",
} as const;

const always: SearchFilter = [[]];
const nothing: SearchCondition = { kind: "isIn", field: "entity_id", values: [], negated: false };
const everything: SearchCondition = { ...nothing, negated: true };

/** The filter as groups of conditions. Throws validation_failed if that has too many conditions. */
export function legacyFilterOf({ must, should, must_not }: LegacyFilter): SearchFilter {
  let filter = always;
  for (const condition of must ?? []) filter = both(filter, groupsOf(condition));
  if (should && should.length > 0) filter = both(filter, should.flatMap(groupsOf));
  for (const condition of must_not ?? []) filter = both(filter, negated(groupsOf(condition)));
  return filter.length === 0 ? [[nothing]] : filter;
}

function groupsOf(condition: LegacyCondition): SearchFilter {
  if ("match" in condition) return matchGroups(condition);
  if ("range" in condition) return [rangeConditions(condition)];
  if ("has_id" in condition) return [[{ kind: "isIn", field: "entity_id", values: condition.has_id, negated: false }]];
  return legacyFilterOf(condition);
}

function matchGroups({ key, match: { value, any, except } }: LegacyMatch): SearchFilter {
  const conditions: SearchCondition[] = [];
  if (value !== undefined) conditions.push(comparison(key, "equals", value));
  if (any !== undefined) conditions.push(comparison(key, "in", any));
  if (except !== undefined) conditions.push(comparison(key, "not_in", except));
  return [conditions];
}

function rangeConditions({ key, range }: LegacyRange): SearchCondition[] {
  return Object.entries(range).flatMap(([bound, value]) => {
    const isGiven = value !== null && value !== undefined;
    return isGiven ? [comparison(key, orders[bound as keyof typeof orders], value)] : [];
  });
}

/** A key that no chunk has, or a value of another kind, matches no chunk. */
function comparison(
  key: string,
  operator: RequestedCondition["operator"],
  value: Scalar | readonly Scalar[],
): SearchCondition {
  const field = fieldOf(key);
  const isNegated = operator === "not_in";
  if (field === null) return isNegated ? everything : nothing;
  const found = searchConditionOf({ field, operator, value: value as RequestedCondition["value"] });
  if ("mistake" in found) return isNegated ? everything : nothing;
  return found;
}

/** Keys have the names of a result's fields, with and without their object. */
function fieldOf(key: string): RequestedCondition["field"] | null {
  const name = key.replace(/^(airweave_)?system_metadata\./, "");
  return searchFilterFields.find((field) => field === name || field === `airweave_system_metadata.${name}`) ?? null;
}

function both(one: SearchFilter, other: SearchFilter): SearchFilter {
  const groups = one.flatMap((first) => other.map((second) => [...first, ...second]));
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  if (groups.length > limits.searchFilterConditionsMax || count > limits.searchFilterConditionsMax ** 2 / 4) {
    const msg = `This filter has more than ${limits.searchFilterConditionsMax} alternatives. Use fewer conditions.`;
    throw validationFailed([{ loc: ["body", "filter"], msg, type: "too_big" }]);
  }
  return groups;
}

/** A filter that matches exactly the other chunks: one condition of each group is not met. */
function negated(filter: SearchFilter): SearchFilter {
  return filter.reduce<SearchFilter>(
    (rest, group) =>
      both(
        rest,
        group.map((one) => [opposite(one)]),
      ),
    always,
  );
}

const oppositeOrders = {
  greater_than: "less_than_or_equal",
  greater_than_or_equal: "less_than",
  less_than: "greater_than_or_equal",
  less_than_or_equal: "greater_than",
} as const;

function opposite(condition: SearchCondition): SearchCondition {
  if (condition.kind === "isIn") return { ...condition, negated: !condition.negated };
  if (condition.kind === "order") return { ...condition, operator: oppositeOrders[condition.operator] };
  throw new Error("A filter of this form has no condition that looks for a part of a text.");
}
