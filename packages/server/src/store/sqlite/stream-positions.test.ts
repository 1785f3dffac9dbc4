import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { World } from "../fixtures/samples.ts";
import type { StreamPage, StreamPosition } from "../streams/interface.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const hour = 3_600_000;

test("an idle stream resumes after its entries expired", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-positions-"));
  const path = join(folder, "weft.db");
  const holder = { pid: 1, description: "a test", since: "2026-01-01T00:00:00.000Z" };
  {
    const open = () => openSqliteStore({ path, masterKey: "a master key of 32 characters ......", holder, now: 0 });
    await using world = await World.open(open);
    const read = (after: StreamPosition | null): Promise<StreamPage> =>
      world.store.readStream({
        organizationId: world.organizationId,
        after,
        until: null,
        kinds: ["message"],
        withPayloads: false,
        receivers: [],
        entriesMax: 100,
        keptMs: hour,
      });
    const { position: from } = await read(null);
    for (let i = 0; i < 5; i++) await world.accept();
    // Simulates that all of this was long ago.
    using clock = new DatabaseSync(path);
    clock.exec("update change_log_entry set committed_at = 0");
    const { position } = await read(from);
    await world.store.forgetChangeLogEntries({ keptMs: hour, limit: 100 });
    const next = await world.accept();
    const page = await read(position);
    expect(page.isGap).toBe(false);
    expect(JSON.stringify(page.steps)).toContain(next.id);
  }
  rmSync(folder, { recursive: true });
});
