import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Trigger } from "../domain/attempt.ts";
import { actorKinds, actorWays, auditKinds } from "../domain/audit-entry.ts";
import type { Task } from "../domain/background-task.ts";
import { deliveryStates } from "../domain/delivery.ts";
import type { McpEnding } from "../domain/mcp-subscription.ts";
import { type Recovery, recoveryStatuses } from "../domain/recovery.ts";
import { authenticationMethods } from "../domain/source-connection.ts";
import type { DisabledReason } from "../domain/subscription.ts";
import { syncJobStates } from "../domain/sync-job.ts";
import { targetKinds } from "../domain/target.ts";
import { throttleStateNames } from "../domain/throttle-state.ts";
import { TestDatabases } from "./postgres/fixtures/test-databases.ts";
import { Database } from "./sqlite/database.ts";
import type { StoredTaskStatus } from "./tasks/stored-tasks.ts";

/** The values of a type. It does not compile while one is missing. */
function valuesOf<Value extends string>(values: Readonly<Record<Value, true>>): string[] {
  return Object.keys(values);
}

const triggers = valuesOf<Trigger>({ scheduled: true, manual: true, recovery: true, test: true });

const taskKinds = valuesOf<Task["kind"]>({ payload_purge: true, delivery_survey: true, event_type_survey: true });
const taskStatuses = valuesOf<StoredTaskStatus>({ running: true, finished: true });
const recoveryScopes = valuesOf<Recovery["scope"]["kind"]>({ undelivered: true, never_sent: true, replay: true });
// A third ending has a column of its own.
const mcpEndings = valuesOf<Exclude<McpEnding, "schema_changed">>({ access_revoked: true, event_removed: true });
const disabledReasons = valuesOf<DisabledReason>({ by_request: true, gone: true, failing: true });

/** The columns that have one of a list of texts. */
const enumerations: readonly (readonly [table: string, column: string, values: readonly string[]])[] = [
  ["attempt", "trigger", triggers],
  ["audit_entry", "actor_kind", actorKinds],
  ["audit_entry", "actor_via", actorWays],
  ["audit_entry", "kind", auditKinds],
  ["background_task", "kind", taskKinds],
  ["background_task", "status", taskStatuses],
  ["delivery", "state", deliveryStates],
  ["delivery", "trigger", triggers],
  ["recovery", "scope", recoveryScopes],
  ["recovery", "status", recoveryStatuses],
  ["source_connection", "auth_method", authenticationMethods],
  ["subscription", "target", targetKinds],
  ["subscription", "disabled_reason", disabledReasons],
  ["subscription", "mcp_ended", mcpEndings],
  ["sync_job", "state", syncJobStates],
  ["throttle_state", "state", throttleStateNames],
];

/** The tables and columns that only one database has: `table`, or `table.column`. */
const sqliteOnly = ["change_log_entry.position", "chunk_index"];
const postgresOnly = [
  "change_log_entry.part",
  "change_log_entry.transaction_id",
  "chunk.heading_words",
  "chunk.scope",
  "chunk.words",
  "event_id",
  "node.last_commit",
  "node.program_schema",
  "node.sealing_keys",
  "organization.routes_version",
  "own_event_type",
  "payload_limit",
  "subscription.changed_at",
  "time_range",
];

const databases = new TestDatabases();
let sqlite: Database;
let postgres: pg.Client;
beforeAll(async () => {
  sqlite = new Database(inject("sqliteTemplate"), { readOnly: true });
  postgres = new pg.Client({ connectionString: await databases.fresh() });
  await postgres.connect();
});
afterAll(async () => {
  sqlite.close();
  await postgres.end();
  await databases[Symbol.asyncDispose]();
});

/** The texts of the check of a column, in the definition of its table or its checks. */
function checkedTexts(definition: string, column: string): string[] {
  const check = new RegExp(`\\b${column} (?:in \\(|= ANY \\()(.*?)\\)`).exec(definition)?.[1] ?? "";
  return [...check.matchAll(/'(\w+)'/g)].map(([, text]) => text ?? "").sort();
}

test.each(enumerations)("%s.%s has exactly the values of the domain in both databases", async (...given) => {
  const [table, column, values] = given;
  const made = sqlite.get<{ sql: string }>("select sql from sqlite_schema where type = 'table' and name = ?", table);
  expect(checkedTexts(made?.sql ?? "", column)).toEqual(values.toSorted());
  const { rows } = await postgres.query<{ definition: string }>(
    `select pg_get_constraintdef(oid) as definition from pg_constraint
     where contype = 'c' and conrelid = to_regclass('weft.' || $1) and conkey =
       (select array[attnum] from pg_attribute where attrelid = conrelid and attname = $2)`,
    [table, column],
  );
  expect(checkedTexts(rows.map(({ definition }) => definition).join("\n"), column)).toEqual(values.toSorted());
});

/** Each `table.column` with whether it may be null, except those that only one database has. */
function shared(columns: readonly Column[], own: readonly string[]): string[] {
  const rest = columns.filter(
    (column) => !own.includes(column.table) && !own.includes(`${column.table}.${column.name}`),
  );
  return rest.map(({ table, name, nullable }) => `${table}.${name}${nullable ? "" : " not null"}`).sort();
}

interface Column {
  readonly table: string;
  readonly name: string;
  readonly nullable: boolean;
}

test("both databases have the same tables and columns, except those that only one needs", async () => {
  const inSqlite = sqlite
    .all<{ table: string; name: string; required: number }>(
      `select "table".name as "table", "column".name, "column"."notnull" or "column".pk > 0 as required
       from pragma_table_list as "table", pragma_table_info("table".name) as "column"
       where "table".schema = 'main' and "table".type in ('table', 'virtual') and "table".name not like 'sqlite_%'`,
    )
    .map(({ table, name, required }) => ({ table, name, nullable: required === 0 }));
  const { rows: inPostgres } = await postgres.query<Column>(
    `select relname as "table", attname as name, not attnotnull as nullable
     from pg_class join pg_attribute on attrelid = pg_class.oid
     where relnamespace = to_regnamespace('weft') and relkind in ('r', 'p') and not relispartition
       and attnum > 0 and not attisdropped`,
  );
  expect(shared(inSqlite, sqliteOnly)).toEqual(shared(inPostgres, postgresOnly));
});
