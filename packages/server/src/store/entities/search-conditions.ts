import { assertNever } from "../../domain/assert-never.ts";
import type {
  NumberField,
  OrderOperator,
  SearchCondition,
  SearchFilter,
  TextField,
  TimeField,
} from "../../domain/search-filter.ts";
import type { Dialect, SqlValue } from "../sql.ts";
import type { SearchFilters } from "./interface.ts";

export interface SearchConditions {
  /** The tables that the conditions need besides chunks and source connections. */
  readonly join: string;
  /** Begins with `and`; empty if there are no filters. */
  readonly where: string;
  readonly values: readonly SqlValue[];
}

/** The times of an entity in its source, else those of its rows, as SQL. */
export const entityTimes = {
  createdAt: "coalesce(entity.source_created_at, entity.created_at, entity.updated_at)",
  updatedAt: "coalesce(entity.source_updated_at, entity.updated_at)",
} as const;

const joinEntities =
  "join entity on entity.source_connection_id = chunk.source_connection_id and entity.id = chunk.entity_id";

/** The filters of a search as SQL. Entities are only looked at where a filter needs them: a word may be in very many. */
export function searchConditions(dialect: Dialect, filters: SearchFilters): SearchConditions {
  const { sources, sourceConnectionIds, types, updatedSince, updatedUntil, filter } = filters;
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  function where(condition: string, ...given: readonly SqlValue[]): void {
    conditions.push(`and ${condition}`);
    values.push(...given);
  }
  if (sources !== null) where(`source in (${dialect.eachText})`, dialect.textsValue(sources));
  if (sourceConnectionIds !== null) {
    where(dialect.isOneOf("chunk.source_connection_id"), JSON.stringify(sourceConnectionIds));
  }
  if (types !== null) where(`entity.type in (${dialect.eachText})`, dialect.textsValue(types));
  if (updatedSince !== null) where(`${entityTimes.updatedAt} >= ?`, updatedSince);
  if (updatedUntil !== null) where(`${entityTimes.updatedAt} < ?`, updatedUntil);
  if (filter !== null && filter.length > 0) where(...sqlOfFilter(dialect, filter));
  const sql = conditions.join(" ");
  return { join: sql.includes("entity.") ? joinEntities : "", where: sql, values };
}

type Condition = readonly [string, ...SqlValue[]];

function sqlOfFilter(dialect: Dialect, filter: SearchFilter): Condition {
  const groups = filter.map((group) => group.map((condition) => sqlOf(dialect, condition)));
  const text = groups.map((group) => `(${[always, ...group].map(([sql]) => sql).join(" and ")})`).join(" or ");
  return [`(${text})`, ...groups.flatMap((group) => group.flatMap(([, ...values]) => values))];
}

function sqlOf(dialect: Dialect, condition: SearchCondition): Condition {
  switch (condition.kind) {
    case "isIn":
      return isIn(dialect, condition);
    case "contains":
      return textIs(dialect, condition.field, (column) => dialect.contains(column), condition.value);
    case "order":
      return [`${numberColumns[condition.field]} ${orderSigns[condition.operator]} ?`, condition.value];
    default:
      return assertNever(condition);
  }
}

const never: Condition = ["1 = 0"];
const always: Condition = ["1 = 1"];

function isIn(dialect: Dialect, { field, values, negated }: Extract<SearchCondition, { kind: "isIn" }>): Condition {
  if (values.length === 0) return negated ? always : never;
  const [condition, ...given]: Condition = isTextField(field)
    ? textIs(dialect, field, (column) => `${column} in (${dialect.eachText})`, dialect.textsValue(values.map(String)))
    : [dialect.isOneOfNumbers(numberColumns[field]), JSON.stringify(values)];
  return [negated ? `not (${condition})` : condition, ...given];
}

/** A condition on a text field. A field of breadcrumbs matches if that of one breadcrumb does. */
function textIs(dialect: Dialect, field: TextField, matches: (column: string) => string, value: SqlValue): Condition {
  const column = textColumns[field];
  if (!isBreadcrumbField(field)) return [matches(column), value];
  return [`exists (select 1 from ${dialect.eachItem("entity.breadcrumbs")} where ${matches(column)})`, value];
}

function isTextField(field: TextField | TimeField | NumberField): field is TextField {
  return Object.hasOwn(textColumns, field);
}

function isBreadcrumbField(field: TextField): boolean {
  return field.startsWith("breadcrumbs.");
}

const textColumns: Readonly<Record<TextField, string>> = {
  entity_id: "(chunk.entity_id || '__chunk_' || cast(chunk.position as text))",
  name: "entity.name",
  "breadcrumbs.entity_id": "(item.value ->> 'id')",
  "breadcrumbs.name": "(item.value ->> 'name')",
  "breadcrumbs.entity_type": "(item.value ->> 'type')",
  "airweave_system_metadata.entity_type": "entity.type",
  "airweave_system_metadata.source_name": "source",
  "airweave_system_metadata.original_entity_id": "chunk.entity_id",
  "airweave_system_metadata.sync_id": "cast(sync_id as text)",
  "airweave_system_metadata.sync_job_id": "cast(coalesce(entity.written_by, entity.seen_by) as text)",
};

const numberColumns: Readonly<Record<TimeField | NumberField, string>> = {
  created_at: `(${entityTimes.createdAt} / 1000)`,
  updated_at: `(${entityTimes.updatedAt} / 1000)`,
  "airweave_system_metadata.chunk_index": "chunk.position",
};

const orderSigns: Readonly<Record<OrderOperator, string>> = {
  greater_than: ">",
  less_than: "<",
  greater_than_or_equal: ">=",
  less_than_or_equal: "<=",
};
