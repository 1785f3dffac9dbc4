import { expect, test } from "vitest";
import { firstIdAt } from "../../domain/id.ts";
import { listCases, NotingSql } from "../operations/fixtures/list-cases.ts";
import { openVault } from "../vault.ts";
import { Database } from "./database.ts";
import { migrate } from "./migrate.ts";
import { SqliteSql } from "./sqlite-sql.ts";

// Without statistics SQLite plans by the schema alone, so an empty database shows what a full one does.
const db = new Database(":memory:", { readOnly: false });
migrate(db, 0);

const cases = listCases({
  organizationId: firstIdAt(1),
  subscriptionId: firstIdAt(2),
  messageId: firstIdAt(3),
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
      // `waiting` and `made` are the rows of a range that a page may look at.
      expect(
        plan.filter((step) => /^SCAN (?!json_each |waiting|made)/.test(step)),
        text,
      ).toEqual([]);
      // What is under way is little, and in no order.
      const isSorted = plan.some((step) => /TEMP B-TREE FOR (RIGHT PART OF )?ORDER BY/.test(step));
      expect(isSorted, `${text}\n${plan.join("\n")}`).toBe(text.includes("state = 'claimed' and subscription_id = ?"));
    }
  });
}
