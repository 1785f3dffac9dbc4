/** The fields of a chunk that a search filter compares, under Airweave's names. */
const textFields = [
  "entity_id",
  "name",
  "breadcrumbs.entity_id",
  "breadcrumbs.name",
  "breadcrumbs.entity_type",
  "airweave_system_metadata.entity_type",
  "airweave_system_metadata.source_name",
  "airweave_system_metadata.original_entity_id",
  "airweave_system_metadata.sync_id",
  "airweave_system_metadata.sync_job_id",
] as const;
const timeFields = ["created_at", "updated_at"] as const;
const numberFields = ["airweave_system_metadata.chunk_index"] as const;

export const searchFilterFields = [...textFields, ...timeFields, ...numberFields] as const;
export type TextField = (typeof textFields)[number];
export type TimeField = (typeof timeFields)[number];
export type NumberField = (typeof numberFields)[number];

const orders = ["greater_than", "less_than", "greater_than_or_equal", "less_than_or_equal"] as const;
export const searchFilterOperators = ["equals", "not_equals", "contains", ...orders, "in", "not_in"] as const;
type Operator = (typeof searchFilterOperators)[number];
export type OrderOperator = (typeof orders)[number];

/**
 * A condition on the chunks of a search. `isIn` holds for a chunk whose value is one of `values`; with `negated`, for all
 * other chunks. Times are whole seconds since 1970.
 */
export type SearchCondition =
  | { readonly kind: "isIn"; readonly field: TextField; readonly values: readonly string[]; readonly negated: boolean }
  | {
      readonly kind: "isIn";
      readonly field: TimeField | NumberField;
      readonly values: readonly number[];
      readonly negated: boolean;
    }
  | { readonly kind: "contains"; readonly field: TextField; readonly value: string }
  | {
      readonly kind: "order";
      readonly field: TimeField | NumberField;
      readonly operator: OrderOperator;
      readonly value: number;
    };

/** Groups of conditions: all conditions of one group hold. Without a group, every chunk matches. */
export type SearchFilter = readonly (readonly SearchCondition[])[];

/** A condition as a request contains it. */
export interface RequestedCondition {
  readonly field: (typeof searchFilterFields)[number];
  readonly operator: Operator;
  readonly value: string | number | boolean | readonly string[] | readonly number[];
}

/** The condition that a request means, or why it means none. */
export function searchConditionOf(requested: RequestedCondition): SearchCondition | { readonly mistake: string } {
  const { field, operator, value } = requested;
  const isList = typeof value === "object";
  if (isList && operator !== "in" && operator !== "not_in") {
    return { mistake: `The operator ${operator} compares one value. Use in or not_in for a list.` };
  }
  if (isTextField(field)) return textCondition(field, operator, value);
  if (operator === "contains") return { mistake: `The operator contains is for texts, and ${field} is not a text.` };
  const values: number[] = [];
  for (const one of asList(operator, value)) {
    const number = isTimeField(field) ? secondsOf(one) : numberOf(one);
    if (number === null) {
      const expected = isTimeField(field) ? "an ISO 8601 time such as 2026-01-15T14:30:00Z" : "an integer";
      return { mistake: `The field ${field} is compared with ${expected}.` };
    }
    values.push(number);
  }
  if (isOrder(operator)) return { kind: "order", field, operator, value: values[0] ?? 0 };
  return { kind: "isIn", field, values, negated: isNegated(operator) };
}

function textCondition(
  field: TextField,
  operator: Operator,
  value: RequestedCondition["value"],
): SearchCondition | { readonly mistake: string } {
  if (isOrder(operator))
    return { mistake: `The operator ${operator} is for times and numbers, and ${field} is a text.` };
  if (operator === "contains") return { kind: "contains", field, value: String(value) };
  return { kind: "isIn", field, values: asList(operator, value).map(String), negated: isNegated(operator) };
}

/** With `in` and `not_in`, a single value is a list of one, and an empty text is an empty list. */
function asList(operator: Operator, value: RequestedCondition["value"]): readonly (string | number | boolean)[] {
  if (typeof value === "object") return value;
  return value === "" && (operator === "in" || operator === "not_in") ? [] : [value];
}

function isNegated(operator: Operator): boolean {
  return operator === "not_equals" || operator === "not_in";
}

function isOrder(operator: Operator): operator is OrderOperator {
  return orders.some((order) => order === operator);
}

function isTextField(field: string): field is TextField {
  return textFields.some((one) => one === field);
}

function isTimeField(field: string): field is TimeField {
  return timeFields.some((one) => one === field);
}

const isoTime = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** Without an offset, the time is UTC. */
function secondsOf(value: string | number | boolean): number | null {
  const [, offset] = (typeof value === "string" && isoTime.exec(value)) || [null];
  if (offset === null || typeof value !== "string") return null;
  const hasTime = value.length > "2026-01-15".length;
  const ms = Date.parse(`${value.replace(" ", "T")}${hasTime && offset === undefined ? "Z" : ""}`);
  return Number.isNaN(ms) ? null : Math.floor(ms / 1_000);
}

function numberOf(value: string | number | boolean): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : null;
}

/** The types of entities of which every match has one; null if a match can have any type. */
export function typesIn(filter: SearchFilter | null): ReadonlySet<string> | null {
  const types = new Set<string>();
  for (const group of filter ?? []) {
    const found = group.find((condition) => {
      return condition.kind === "isIn" && condition.field === entityType && !condition.negated;
    });
    if (found?.kind !== "isIn") return null;
    for (const value of found.values) types.add(String(value));
  }
  return types.size === 0 ? null : types;
}

const entityType = "airweave_system_metadata.entity_type";
