import { expect, test } from "vitest";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { Load } from "./load.ts";
import { Nodes } from "./nodes.ts";
import { missingPrograms, PatroniCluster } from "./patroni-cluster.ts";
import { reconcile } from "./reconciliation.ts";

const failovers = 2;
const publishers = 6;
const missing = missingPrograms();

test("when Patroni replaces a killed primary, no accepted message is lost", { timeout: 300_000 }, async ({ skip }) => {
  skip(missing.length > 0, `This machine lacks ${missing.join(" and ")}, which the test with Patroni needs.`);
  await using cluster = await PatroniCluster.start();
  await cluster.createDatabase("fleet");
  await using receiver = await Receiver.start();
  await using nodes = new Nodes(cluster.url("fleet"));
  await nodes.startMany(2);
  await nodes.subscribe(receiver.url(), ["collection.*"]);
  const load = new Load(publishers, nodes.adminKey, () => nodes.urls);
  await until("events are accepted", () => load.accepted.size > 300);
  const outagesMs: number[] = [];
  for (let count = 0; count < failovers; count++) {
    const killed = await cluster.killLeader();
    const killedAt = performance.now();
    const before = load.accepted.size;
    while (load.accepted.size <= before + publishers) await new Promise((resolve) => setTimeout(resolve, 5));
    outagesMs.push(Math.round(performance.now() - killedAt));
    await cluster.rejoin(killed);
    await load.moves();
  }
  await load.stop();
  expect(nodes.deaths).toEqual([]);
  const { duplicates: _, ...rest } = await reconcile(load.accepted, receiver, nodes.api);
  expect(rest).toEqual({ lost: [], notStored: [], pending: 0 });
  process.stdout.write(
    `From each kill to the first accepted event: ${outagesMs.join(", ")} ms, mostly Patroni's ttl of 20 s.\n`,
  );
});
