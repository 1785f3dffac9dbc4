import { expect, test } from "vitest";
import { temporaryFolder } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { Load } from "./load.ts";
import { duplicatesMax, faults, Nodes, restAtMost } from "./nodes.ts";
import { reconcile } from "./reconciliation.ts";

const publishers = 12;
const lifeMsMax = 400;

test(`on SQLite, no accepted event is lost over ${faults} kill -9 at random moments under load`, {
  timeout: 60_000 + faults * 10_000,
}, async () => {
  using folder = temporaryFolder();
  await using receiver = await Receiver.start();
  await using nodes = new Nodes(`sqlite:${folder.path}/weft.db`);
  await nodes.start();
  await nodes.subscribe(receiver.url(), ["collection.*"]);
  const load = new Load(publishers, nodes.adminKey, () => nodes.urls);
  for (let kill = 0; kill < faults; kill++) {
    await load.moves();
    await restAtMost(lifeMsMax);
    await nodes.killOne();
    await nodes.start();
  }
  await load.stop();
  expect(nodes.deaths).toEqual([]);
  const { duplicates, ...rest } = await reconcile(load.accepted, receiver, nodes.api);
  expect(rest).toEqual({ lost: [], notStored: [], pending: 0 });
  expect(duplicates).toBeLessThanOrEqual(duplicatesMax(faults, 1));
});
