import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { OutboxWatch } from "./outbox-watch.ts";

function watched() {
  const folder = mkdtempSync(join(tmpdir(), "weft-outbox-watch-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, "weft.db-wal");
  writeFileSync(log, "");
  const watch = new OutboxWatch(join(folder, "weft.db"));
  onTestFinished(() => watch.close());
  let queries = 0;
  const waits = (found: boolean) =>
    watch.waits(async () => {
      queries += 1;
      return found;
    });
  return { log, watch, waits, queries: () => queries };
}

test("an empty outbox is queried again only after a write to the database", async () => {
  const { log, waits, queries } = watched();
  expect([await waits(false), await waits(true), queries()]).toEqual([false, false, 1]);
  appendFileSync(log, "a commit");
  expect([await waits(true), queries()]).toEqual([true, 2]);
});

test("while events wait, every look is a query, also without another write", async () => {
  const { waits, queries } = watched();
  expect([await waits(true), await waits(true), await waits(false), queries()]).toEqual([true, true, false, 3]);
});

test("a write to the database is reported while it is watched, and none afterwards", async () => {
  const { log, watch } = watched();
  let reports = 0;
  const watching = watch.watch(() => {
    reports += 1;
  });
  expect(watching).not.toBeNull();
  appendFileSync(log, "a commit");
  await until("the write is reported", () => reports > 0);
  watching?.[Symbol.dispose]();
  const before = reports;
  const next = watch.watch(() => {
    reports += 100;
  });
  appendFileSync(log, "another commit");
  await until("the next observer gets the next write", () => reports >= 100);
  expect(reports % 100).toBe(before);
  next?.[Symbol.dispose]();
});

test("a log that takes the place of another one is watched", async () => {
  const { log, watch } = watched();
  let reports = 0;
  const onChange = () => {
    reports += 1;
  };
  watch.watch(onChange);
  writeFileSync(`${log}.new`, "");
  renameSync(`${log}.new`, log);
  await until("the replacement is reported", () => reports > 0);
  // The next look begins a new observation.
  watch.watch(onChange);
  const before = reports;
  appendFileSync(log, "a commit");
  await until("the write is reported", () => reports > before);
});

test("a database without a log is not watched", () => {
  expect(new OutboxWatch(join(tmpdir(), "weft-no-such-database")).watch(() => {})).toBeNull();
});
