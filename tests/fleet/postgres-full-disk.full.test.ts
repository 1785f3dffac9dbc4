import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { callApi, Load, payload } from "./load.ts";
import { Nodes } from "./nodes.ts";
import { reconcile } from "./reconciliation.ts";

/** A small file system of its own, which the test fills. Null if this user may not mount one. */
function smallDisk(): ({ readonly path: string } & Disposable) | null {
  const path = mkdtempSync(join(tmpdir(), "weft-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=200m", "tmpfs", path]).status === 0;
  if (mounted) chmodSync(path, 0o755);
  else rmSync(path, { recursive: true });
  if (!mounted) return null;
  return {
    path,
    [Symbol.dispose]: () => {
      spawnSync("umount", [path]);
      rmSync(path, { recursive: true });
    },
  };
}

test("a primary whose disk is full refuses events, and when it has room again, no accepted message is lost", async ({
  skip,
}) => {
  using disk = smallDisk();
  if (disk === null) return skip("This user may not mount a small file system for the database.");
  await using postgres = await PostgresServer.start({ isDurable: true, data: join(disk.path, "data") });
  await using receiver = await Receiver.start();
  await using nodes = new Nodes(postgres.url(await postgres.database()));
  await nodes.startMany(2);
  await nodes.subscribe(receiver.url(), ["collection.*"]);
  const load = new Load(4, nodes.adminKey, () => nodes.urls);
  await until("events are accepted", () => load.accepted.size > 200);
  const filler = join(disk.path, "filler");
  expect(() => writeFileSync(filler, Buffer.alloc(256 * 1024 * 1024))).toThrow(/ENOSPC/);
  const publish = () => callApi(nodes.api.url, nodes.adminKey, "/events", { event_type: payload.event_type, payload });
  await until("events are refused", async () => (await publish()).status === 503);
  rmSync(filler);
  // A server that cannot write its log ends. Its supervisor, here the test, starts it again.
  if (!postgres.isRunning) await postgres.up();
  await load.moves();
  await load.stop();
  expect(nodes.deaths).toEqual([]);
  const { duplicates: _, ...rest } = await reconcile(load.accepted, receiver, nodes.api);
  expect(rest).toEqual({ lost: [], notStored: [], pending: 0 });
});
