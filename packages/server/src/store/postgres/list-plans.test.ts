import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { type ListCase, listCases, NotingSql } from "../fixtures/list-cases.ts";
import { machineClock } from "../fixtures/machine-clock.ts";
import { t0, World } from "../fixtures/samples.ts";
import { openVault } from "../vault.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { PostgresSql } from "./postgres-sql.ts";
import { openPostgresStore } from "./postgres-store.ts";

const messagesMade = 12_000;
const limit = 20;

const databases = new TestDatabases();
let client: pg.Client;
let cases: ListCase[];
beforeAll(async () => {
  const url = await databases.fresh();
  await using world = await World.open(() =>
    openPostgresStore(
      {
        url,
        masterKey: "a master key for the plans",
        retentionMs: 90 * 86_400_000,
        connectionsMax: 2,
        preparesStatements: false,
      },
      machineClock,
    ),
  );
  // For the partition of that time.
  const first = await world.accept();
  const subscriptions = [];
  for (let i = 0; i < 4; i++) subscriptions.push((await world.subscribe({ eventTypes: [] })).id);
  const [busy, waiting, down] = subscriptions as [SubscriptionId, SubscriptionId, SubscriptionId];
  client = new pg.Client({ connectionString: url, pipeline: true });
  await client.connect();
  await client.query("set search_path to weft");
  await fill(world.organizationId, { busy, waiting, down });
  const target = { organizationId: world.organizationId, messageId: first.id, eventType: "rare.type", limit };
  const ofBusy = listCases({ ...target, subscriptionId: busy }).map((it) => ({ ...it, name: `${it.name}, busy` }));
  cases = [
    ...listCases({ ...target, subscriptionId: waiting }),
    ...ofBusy.filter(({ name }) => /^(made|counted)/.test(name)),
  ];
});
afterAll(async () => {
  await client.end();
  await databases[Symbol.asyncDispose]();
});

interface Subscriptions {
  readonly busy: SubscriptionId;
  readonly waiting: SubscriptionId;
  readonly down: SubscriptionId;
}

/**
 * One subscription got very many messages and another one has them waiting; a few messages are rare, failed, or wait
 * for a third.
 */
async function fill(organizationId: OrganizationId, { busy, waiting, down }: Subscriptions): Promise<void> {
  const id = (ms: string) => `cast(lpad(to_hex(${t0} + ${ms}), 12, '0') || '70008000000000000000' as uuid)`;
  const numbers = `from generate_series(1, ${messagesMade}) as n`;
  const delivery = `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at)
    select ${id("n")}`;
  await client.query(`
    insert into message (id, organization_id, event_type, payload, created_at)
      select ${id("n")}, '${organizationId}', case when n % 3000 = 7 then 'rare.type' else 'sync.completed' end, '{}', ${t0} + n ${numbers};
    ${delivery}, '${busy}', '${organizationId}', case when n % 4000 = 3 then 'failed' else 'delivered' end, 'scheduled', 1, 0, 0 ${numbers};
    ${delivery}, '${waiting}', '${organizationId}', 'due', 'scheduled', 0, 0, 0 ${numbers} where n % 4000 = 5;
    ${delivery}, '${down}', '${organizationId}', 'due', 'scheduled', 1, 0, 0 ${numbers};
    insert into attempt (id, organization_id, message_id, subscription_id, url, succeeded, response_status, started_at, duration_ms, attempt_number, trigger)
      select ${id("n + 1")}, '${organizationId}', ${id("n")}, '${busy}', '', case when n % 4000 = 3 then 0 else 1 end, case when n % 4000 = 3 then 500 else 200 end, ${t0} + n, 0, 1, 'scheduled' ${numbers};
    insert into attempt_count_by_minute select (n % 200) * 60000, ${id("n")}, 0, 1, n % 30, 1 ${numbers};
    insert into attempt_count_by_minute values (60000, '${waiting}', 0, 1, 1, 1);
  `);
  await client.query("analyze");
}

// A filter without an index examines a bounded number of rows for each page: list-promises.test.ts promises that.
const isBoundedOnly = (name: string) =>
  name === "backlog" ||
  /^messages, (oldest first, )?(success|any, of a subscription|pending, by type)/.test(name) ||
  /^made, (oldest first, )?(any|succeeded), by type, of a subscription, busy/.test(name);

test("a list reads little more than it shows, however many messages there are", async () => {
  for (const { name, list } of cases) {
    if (isBoundedOnly(name)) continue;
    const sql = new NotingSql(new PostgresSql(client, { isPrepared: false }));
    await list({ sql, vault: openVault("a master key for the plans") });
    for (const { text, values } of sql.statements) {
      expect(await rowsRead(text, values), `${name}\n${text}`).toBeLessThan(limit * 5);
    }
  }
});

interface PlanNode {
  readonly "Node Type": string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** The rows that a statement reads from tables and indexes. */
async function rowsRead(text: string, values: readonly (string | number | null)[]): Promise<number> {
  let count = 0;
  const statement = text.replaceAll("?", () => `$${++count}`);
  const { rows } = await client.query(`explain (analyze, timing off, format json) ${statement}`, [...values]);
  return readBy(rows[0]["QUERY PLAN"][0].Plan as PlanNode);
}

function readBy(node: PlanNode): number {
  const removed = (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
  const own = node["Node Type"].endsWith("Scan") ? (node["Actual Rows"] + removed) * node["Actual Loops"] : 0;
  return own + (node.Plans ?? []).reduce((sum, plan) => sum + readBy(plan), 0);
}
