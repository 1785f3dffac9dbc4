import { expect, test } from "vitest";
import { temporaryFolder } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { Load } from "./load.ts";
import { Nodes } from "./nodes.ts";
import { reconcile } from "./reconciliation.ts";

const publishers = 12;

test("a graceful stop under load loses nothing and delivers nothing twice", async () => {
  using folder = temporaryFolder();
  await using receiver = await Receiver.start();
  await using nodes = new Nodes(`sqlite:${folder.path}/weft.db`);
  await nodes.start();
  await nodes.subscribe(receiver.url(), ["collection.*"]);
  const load = new Load(publishers, nodes.adminKey, () => nodes.urls);
  await until("there is load", () => load.accepted.size > 200);
  expect(await nodes.stopAll()).toEqual([0]);
  await load.stop();
  await nodes.start();
  expect(await reconcile(load.accepted, receiver, nodes.api)).toEqual({
    lost: [],
    notStored: [],
    pending: 0,
    duplicates: 0,
  });
});
