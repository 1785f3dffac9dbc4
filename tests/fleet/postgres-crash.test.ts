import { expect, test } from "vitest";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { Load } from "./load.ts";
import { duplicatesMax, faults, Nodes, restAtMost } from "./nodes.ts";
import { reconcile } from "./reconciliation.ts";

const publishers = 12;
const lifeMsMax = 400;
const fleet = 3;

test(`on Postgres, ${fleet} nodes lose nothing over ${faults} crashes of nodes and of the database under load`, {
  timeout: 120_000 + faults * 15_000,
}, async () => {
  await using postgres = await PostgresServer.start({ isDurable: true });
  await using receiver = await Receiver.start();
  await using nodes = new Nodes(postgres.url(await postgres.database()));
  await nodes.startMany(fleet);
  await nodes.subscribe(receiver.url(), ["collection.*"]);
  const load = new Load(publishers, nodes.adminKey, () => nodes.urls);
  for (let fault = 0; fault < faults; fault++) {
    await load.moves();
    await restAtMost(lifeMsMax);
    // The database every third time, and occasionally both.
    if (fault % 3 === 2) await postgres.down("immediate");
    if (fault % 3 !== 2 || fault % 2 === 0) await nodes.killOne();
    if (fault % 3 === 2) await postgres.up();
    if (nodes.count < fleet) await nodes.start();
  }
  await load.stop();
  expect(nodes.deaths).toEqual([]);
  const { duplicates, ...rest } = await reconcile(load.accepted, receiver, nodes.api);
  expect(rest).toEqual({ lost: [], notStored: [], pending: 0 });
  expect(duplicates).toBeLessThanOrEqual(duplicatesMax(faults, fleet));
});
