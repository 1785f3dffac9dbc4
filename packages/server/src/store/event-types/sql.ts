import type { EventType } from "../../domain/event-type.ts";
import { memberTexts } from "../../domain/json-text.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import { type Counted, hasRoomFor } from "../room-for-more.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { EventTypeStore, EventTypesState } from "./interface.ts";

export const lookUps = { readEventTypes, readEventTypesState } satisfies QueriesOf<EventTypeStore>;

export const commands = { createEventType, replaceEventTypes, deleteEventType } satisfies CommandsOf<EventTypeStore>;

interface EventTypeRow {
  readonly name: string;
  readonly description: string;
  readonly archived: number;
  readonly deprecated: number;
  readonly schemas: string | null;
  readonly feature_flag: string | null;
  readonly group_name: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

async function readEventTypes({ sql }: ReadContext): Promise<EventType[]> {
  const rows = await sql.all<EventTypeRow>("select * from event_type order by name");
  return rows.map((row) => ({
    name: row.name,
    description: row.description,
    archived: row.archived === 1,
    deprecated: row.deprecated === 1,
    schemas: row.schemas === null ? null : schemasIn(row.schemas),
    featureFlag: row.feature_flag,
    groupName: row.group_name,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }));
}

/** Times are counted modulo a prime, so that their sum stays a number that every driver can give. */
async function readEventTypesState({ sql }: ReadContext): Promise<EventTypesState> {
  const row = await sql.get<{ count: number; newest: number | null; total: string }>(
    `select count(*) as count, max(updated_at) as newest, cast(coalesce(sum(updated_at % 999983), 0) as text) as total
       from event_type`,
  );
  return { state: `${row?.count}/${row?.newest}/${row?.total}`, changedAt: row?.newest ?? null };
}

const insert = `insert into event_type (name, description, archived, deprecated, schemas, feature_flag, group_name, created_at,
  updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

async function createEventType(
  context: WriteContext,
  { type, typesMax }: { type: EventType; typesMax: number },
): Promise<"created" | "exists" | "full"> {
  const { sql } = context;
  if ((await unknownAmong(context, [type])) === 0) return "exists";
  if (!(await hasRoomFor(context, 1, allTypes(typesMax)))) return "full";
  return (await sql.run(`${insert} on conflict (name) do nothing`, ...valuesOf(type))) > 0 ? "created" : "exists";
}

async function replaceEventTypes(
  context: WriteContext,
  { types, typesMax }: { types: readonly EventType[]; typesMax: number },
): Promise<"replaced" | "full"> {
  const { sql } = context;
  const added = await unknownAmong(context, types);
  if (added > 0 && !(await hasRoomFor(context, added, allTypes(typesMax)))) return "full";
  await sql.runEach(
    `${insert} on conflict (name) do update set description = excluded.description, archived = excluded.archived,
       deprecated = excluded.deprecated, schemas = excluded.schemas, feature_flag = excluded.feature_flag,
       group_name = excluded.group_name, updated_at = excluded.updated_at`,
    types.map(valuesOf),
  );
  return "replaced";
}

function allTypes(max: number): Counted {
  return { name: "event types", rows: "select 1 from event_type", values: [], max };
}

async function unknownAmong({ sql }: WriteContext, types: readonly EventType[]): Promise<number> {
  const names = [...new Set(types.map(({ name }) => name))];
  const row = await sql.get<{ known: number }>(
    `select count(*) as known from event_type where name in (${sql.dialect.eachText})`,
    sql.dialect.textsValue(names),
  );
  return names.length - (row?.known ?? 0);
}

async function deleteEventType({ sql }: WriteContext, { name }: { name: string }): Promise<null> {
  await sql.run("delete from event_type where name = ?", name);
  return null;
}

function valuesOf(type: EventType) {
  return [
    type.name,
    type.description,
    type.archived ? 1 : 0,
    type.deprecated ? 1 : 0,
    type.schemas === null ? null : schemasText(type.schemas),
    type.featureFlag,
    type.groupName,
    type.createdAt,
    type.updatedAt,
  ] as const;
}

type Schemas = NonNullable<EventType["schemas"]>;

/** Schemas are stored as members of one JSON object, with their texts unchanged. */
function schemasText(schemas: Schemas): string {
  const members = Object.entries(schemas).map(([version, schema]) => `${JSON.stringify(version)}:${schema}`);
  return `{${members.join(",")}}`;
}

function schemasIn(text: string): Schemas {
  return Object.fromEntries([...memberTexts(text)].map(({ key, text: schema }) => [key, schema]));
}
