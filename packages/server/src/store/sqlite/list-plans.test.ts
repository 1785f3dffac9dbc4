import { expect, test } from "vitest";
import { firstIdAt } from "../../domain/id.ts";
import { listCases, NotingSql } from "../fixtures/list-cases.ts";
import { openVault } from "../vault.ts";
import { Database } from "./database.ts";
import { migrate } from "./migrate.ts";
import { SqliteSql } from "./sqlite-sql.ts";

// Without statistics SQLite plans from the schema alone, so one row of each kind gives the plan of a full database.
const db = new Database(":memory:", { readOnly: false });
migrate(db, 0);
const [organizationId, subscriptionId, messageId] = [
  firstIdAt<"organization">(1),
  firstIdAt<"subscription">(2),
  firstIdAt<"message">(3),
];
db.run("insert into organization (id, name, created_at, modified_at) values (?, 'Acme', 0, 0)", organizationId);
db.run(
  `insert into subscription (id, organization_id, target, url, event_types, headers, created_at, updated_at)
   values (?, ?, 'webhook', '', '[]', '', 0, 0)`,
  subscriptionId,
  organizationId,
);
db.run(
  "insert into message (id, organization_id, event_type, payload, created_at) values (?, ?, 'sync.completed', '{}', 0)",
  messageId,
  organizationId,
);
db.run(
  `insert into attempt (id, organization_id, message_id, subscription_id, url, succeeded, response_status, started_at, duration_ms,
     attempt_number, trigger) values (?, ?, ?, ?, '', 0, 500, 0, 0, 1, 'scheduled')`,
  firstIdAt(4),
  organizationId,
  messageId,
  subscriptionId,
);

db.run("insert into attempt_count_by_minute values (0, ?, 0, 1, 1, 1)", subscriptionId);
db.run("insert into attempt_count_by_hour values (0, ?, 0, 1, 1, 1)", subscriptionId);

const cases = listCases({
  organizationId,
  subscriptionId,
  messageId,
  eventType: "sync.completed",
  limit: 50,
});

for (const { name, list } of cases) {
  test(`a list reads ranges of indexes and scans no table: ${name}`, async () => {
    const sql = new NotingSql(new SqliteSql(db));
    await list({ sql, vault: openVault("a master key for the plans") });
    expect(sql.statements).not.toEqual([]);
    for (const { text, values } of sql.statements) {
      const plan = db.all<{ detail: string }>(`explain query plan ${text}`, ...values).map((row) => row.detail);
      // `waiting`, `made` and `looked` are the rows of a range that a page may look at.
      expect(
        plan.filter((step) => /^SCAN (?!json_each |waiting|made|looked)/.test(step)),
        text,
      ).toEqual([]);
      // The deliveries under way are few, and in no order.
      const isSorted = plan.some((step) => /TEMP B-TREE FOR (RIGHT PART OF )?ORDER BY/.test(step));
      expect(isSorted, `${text}\n${plan.join("\n")}`).toBe(
        /state = 'claimed' and subscription_id = \? and message_id/.test(text),
      );
    }
  });
}
