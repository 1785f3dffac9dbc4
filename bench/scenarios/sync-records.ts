import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { RecordsApi, readTapMessages, tapCommand } from "../record-readers.ts";
import { atLeast, atMost, type Result, reported } from "../results.ts";
import { InvalidRunError, type Run, type Scenario, scaled } from "../scenario.ts";
import { SyncedWeft } from "../synced-weft.ts";

const scenario = "sync-records" as const;
const recordsMax = 100_000;
const recordsFew = 10_000;

/** The records a second that a tap and an HTTP API are synced with, compared with reading and hashing them. */
export const syncRecords: Scenario = {
  name: scenario,
  needs: [],
  isDefault: false,
  minutesMax: 30,
  run: measureRecords,
};

async function measureRecords(run: Run): Promise<Result[]> {
  const results: Result[] = [];
  for (const source of ["singer", "github"] as const) {
    const few = await measureSource(run, source, scaled(run, recordsFew));
    const all = await measureSource(run, source, scaled(run, recordsMax));
    results.push(
      ...all.results,
      reported({ scenario, metric: `${source}: peak memory`, value: all.peakMiB, unit: "MiB" }),
      atMost(1.5, {
        scenario,
        metric: `${source}: peak memory, to that of a tenth of the records`,
        value: all.peakMiB / few.peakMiB,
        unit: "times",
      }),
    );
  }
  return results;
}

async function measureSource(
  run: Run,
  source: "singer" | "github",
  count: number,
): Promise<{ results: Result[]; peakMiB: number }> {
  const folder = join(run.folder, `records-${source}-${count}`);
  mkdirSync(folder);
  await using api = await RecordsApi.open(count);
  await using weft = await SyncedWeft.open(run, {
    WEFT_SINGER_TAPS: JSON.stringify({ records: { command: tapCommand } }),
  });
  const connection =
    source === "singer"
      ? await weft.connect("singer", { tap: "records" }, { config: { count } })
      : await weft.connect(
          "github",
          { repository: "a/b", content: ["issues"], api_url: api.url },
          { personal_access_token: "token" },
        );
  const readBare = () => (source === "singer" ? readTapMessages(folder, count) : api.readPages());
  // Measured in between, because other load on the machine changes by the second.
  const before = await readBare();
  const first = await weft.sync(connection);
  const bare = (before + (await readBare())) / 2;
  const second = await weft.sync(connection);
  const peakMiB = await weft.peakMiB();
  await weft.finish();
  if (first.inserted !== count) throw new InvalidRunError(`Of ${count} records ${first.inserted} came.`);
  const rates = [
    ["bare", bare],
    ["first", first.ms],
    ["again", second.ms],
  ] as const;
  return {
    peakMiB,
    results: [
      reported({ scenario, metric: `${source}: records`, value: count, unit: "records" }),
      ...rates.map(([what, ms]) =>
        reported({ scenario, metric: `${source}: ${what}`, value: (count * 1_000) / ms, unit: "records/s" }),
      ),
      atLeast(0.25, { scenario, metric: `${source}: first, of the bare rate`, value: bare / first.ms, unit: "of 1" }),
    ],
  };
}
