import type { DefinedEventType, EventType } from "../../domain/event-type.ts";
import { memberTexts } from "../../domain/json-text.ts";
import { defaultNamespace } from "../../domain/organization.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import { hasRoomFor } from "../room-for-more.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { EventTypeRoom, EventTypeStore, EventTypesState } from "./interface.ts";

export const lookUps = { readEventTypes, readEventTypesState } satisfies QueriesOf<EventTypeStore>;

export const commands = { createEventType, replaceEventTypes, deleteEventType } satisfies CommandsOf<EventTypeStore>;

/** The columns of an event type after its namespace. */
const columns =
  "name, description, archived, deprecated, schemas, feature_flag, group_name, metadata, created_at, updated_at";

/** Programs from before namespaces read and change the types of the default namespace, which have a table of their own. */
const everyType = `select '${defaultNamespace}' as namespace, ${columns} from event_type
  union all select namespace, ${columns} from namespace_event_type`;

interface EventTypeRow {
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly archived: number;
  readonly deprecated: number;
  readonly schemas: string | null;
  readonly feature_flag: string | null;
  readonly group_name: string | null;
  readonly metadata: string;
  readonly created_at: number;
  readonly updated_at: number;
}

async function readEventTypes({ sql }: ReadContext): Promise<DefinedEventType[]> {
  const rows = await sql.all<EventTypeRow>(`select * from (${everyType}) as defined order by namespace, name`);
  return rows.map((row) => ({
    namespace: row.namespace,
    name: row.name,
    description: row.description,
    archived: row.archived === 1,
    deprecated: row.deprecated === 1,
    schemas: row.schemas === null ? null : schemasIn(row.schemas),
    featureFlag: row.feature_flag,
    groupName: row.group_name,
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }));
}

/** Times are counted modulo a prime, so that their sum stays a number that every driver can give. */
async function readEventTypesState({ sql }: ReadContext): Promise<EventTypesState> {
  const row = await sql.get<{ count: number; newest: number | null; total: string }>(
    `select count(*) as count, max(updated_at) as newest, cast(coalesce(sum(updated_at % 999983), 0) as text) as total
       from (${everyType}) as defined`,
  );
  return { state: `${row?.count}/${row?.newest}/${row?.total}`, changedAt: row?.newest ?? null };
}

/** The SQL of one namespace: the rows of its types, and how one is inserted. */
function tableOf(namespace: string) {
  return namespace === defaultNamespace
    ? {
        rows: "event_type where true",
        values: [],
        insert: `insert into event_type (${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (name)`,
      }
    : {
        rows: "namespace_event_type where namespace = ?",
        values: [namespace],
        insert: `insert into namespace_event_type (namespace, ${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          on conflict (namespace, name)`,
      };
}

async function createEventType(
  context: WriteContext,
  { namespace, type, ...room }: { namespace: string; type: EventType } & EventTypeRoom,
): Promise<"created" | "exists" | "full"> {
  const { sql } = context;
  const { insert, values } = tableOf(namespace);
  if ((await unknownAmong(context, namespace, [type])) === 0) return "exists";
  if (!(await hasRoom(context, 1, namespace, room))) return "full";
  return (await sql.run(`${insert} do nothing`, ...values, ...valuesOf(type))) > 0 ? "created" : "exists";
}

async function replaceEventTypes(
  context: WriteContext,
  { namespace, types, ...room }: { namespace: string; types: readonly EventType[] } & EventTypeRoom,
): Promise<"replaced" | "full"> {
  const { sql } = context;
  const { insert, values } = tableOf(namespace);
  const added = await unknownAmong(context, namespace, types);
  if (added > 0 && !(await hasRoom(context, added, namespace, room))) return "full";
  await sql.runEach(
    `${insert} do update set description = excluded.description, archived = excluded.archived,
       deprecated = excluded.deprecated, schemas = excluded.schemas, feature_flag = excluded.feature_flag,
       group_name = excluded.group_name, metadata = excluded.metadata, updated_at = excluded.updated_at`,
    types.map((type) => [...values, ...valuesOf(type)]),
  );
  return "replaced";
}

async function hasRoom(
  context: WriteContext,
  added: number,
  namespace: string,
  { typesMax, namespaceTypesMax }: EventTypeRoom,
): Promise<boolean> {
  const all = { name: "event types", rows: `select 1 from (${everyType}) as defined`, values: [], max: typesMax };
  if (!(await hasRoomFor(context, added, all))) return false;
  const { rows, values } = tableOf(namespace);
  if (namespace === defaultNamespace) return true;
  const own = { name: `event types of ${namespace}`, rows: `select 1 from ${rows}`, values, max: namespaceTypesMax };
  return await hasRoomFor(context, added, own);
}

async function unknownAmong({ sql }: WriteContext, namespace: string, types: readonly EventType[]): Promise<number> {
  const { rows, values } = tableOf(namespace);
  const names = [...new Set(types.map(({ name }) => name))];
  const row = await sql.get<{ known: number }>(
    `select count(*) as known from ${rows} and name in (${sql.dialect.eachText})`,
    ...values,
    sql.dialect.textsValue(names),
  );
  return names.length - (row?.known ?? 0);
}

async function deleteEventType(
  { sql }: WriteContext,
  { namespace, name }: { namespace: string; name: string },
): Promise<null> {
  const { rows, values } = tableOf(namespace);
  await sql.run(`delete from ${rows} and name = ?`, ...values, name);
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
    JSON.stringify(type.metadata),
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
