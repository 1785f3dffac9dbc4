import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { changeFiles, commitFiles, copyFiles, fileBytesMax, walkAndHash } from "../file-tree.ts";
import { percentile } from "../percentile.ts";
import { atLeast, type Result, reported } from "../results.ts";
import { InvalidRunError, type Run, type Scenario, scaled } from "../scenario.ts";
import { SyncedWeft } from "../synced-weft.ts";

const scenario = "sync" as const;
const filesMax = 12_000;
const unchangedSyncs = 3;

/** The files a second that the file sources sync, compared with walking through them and hashing them. */
export const sync: Scenario = { name: scenario, needs: [], isDefault: false, minutesMax: 15, run: measureSync };

async function measureSync(run: Run): Promise<Result[]> {
  const results: Result[] = [];
  for (const source of ["directory", "git"] as const) results.push(...(await measureSource(run, source)));
  return results;
}

async function measureSource(run: Run, source: "directory" | "git"): Promise<Result[]> {
  const folder = join(run.folder, `files-${source}`);
  mkdirSync(folder);
  const paths = copyFiles(folder, scaled(run, filesMax));
  if (source === "git") commitFiles(folder);
  await using weft = await SyncedWeft.open(run);
  const options = { include: ["**/*"], exclude: ["**/.git/**"], max_file_bytes: fileBytesMax };
  const location = source === "git" ? { url: pathToFileURL(folder).href } : { path: folder };
  const connection = await weft.connect(source, { ...location, ...options }, {});

  // Measured in between, because other load on the machine changes by the second.
  const bareMs = [await walkAndHash(folder)];
  const first = await weft.sync(connection);
  bareMs.push(await walkAndHash(folder));
  const unchangedMs: number[] = [];
  for (let time = 0; time < unchangedSyncs; time++) {
    unchangedMs.push((await weft.sync(connection)).ms);
    bareMs.push(await walkAndHash(folder));
  }
  await changeFiles(paths);
  if (source === "git") commitFiles(folder);
  const changed = await weft.sync(connection);
  bareMs.push(await walkAndHash(folder));
  const peakMiB = await weft.peakMiB();
  await weft.finish();

  const files = paths.length;
  if (first.inserted + first.failed !== files || first.inserted < files * 0.99) {
    throw new InvalidRunError(`Of ${files} files ${first.inserted} came, and ${first.failed} failed.`);
  }
  if (changed.updated === 0) throw new InvalidRunError("No change was seen.");
  const bare = percentile(bareMs, 0.5);
  const unchanged = percentile(unchangedMs, 0.5);
  const rates = [
    ["bare", bare],
    ["first", first.ms],
    ["unchanged", unchanged],
    ["1 % changed", changed.ms],
  ] as const;
  return [
    reported({ scenario, metric: `${source}: files`, value: files, unit: "files" }),
    reported({ scenario, metric: `${source}: chunks`, value: first.chunks, unit: "chunks" }),
    ...rates.map(([what, ms]) =>
      reported({ scenario, metric: `${source}: ${what}`, value: (files * 1_000) / ms, unit: "files/s" }),
    ),
    reported({
      scenario,
      metric: `${source}: bare, slowest to quickest`,
      value: Math.max(...bareMs) / Math.min(...bareMs),
      unit: "times",
    }),
    atLeast(0.25, { scenario, metric: `${source}: first, of the bare rate`, value: bare / first.ms, unit: "of 1" }),
    atLeast(0.5, { scenario, metric: `${source}: unchanged, of the bare rate`, value: bare / unchanged, unit: "of 1" }),
    reported({ scenario, metric: `${source}: 1 % changed, of the bare rate`, value: bare / changed.ms, unit: "of 1" }),
    reported({ scenario, metric: `${source}: peak memory`, value: peakMiB, unit: "MiB" }),
  ];
}
