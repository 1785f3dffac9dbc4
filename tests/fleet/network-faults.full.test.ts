import { expect, test } from "vitest";
import { temporaryFolder } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { FaultyProxy, type Weather } from "./faulty-proxy.ts";
import { Load } from "./load.ts";
import { Nodes } from "./nodes.ts";
import { reconcile } from "./reconciliation.ts";

const publishers = 4;
const faults: Weather[] = ["reset", "black hole", "slow", "half open"];
/** The number of failures before a fault ends: a node that loses everything tries little at a time. */
const hitsMin = 8;

test.each(faults)(
  "a network that is %s between node and receiver causes delays and repeats, and loses no message",
  async (weather) => {
    using folder = temporaryFolder();
    await using receiver = await Receiver.start();
    await using proxy = await FaultyProxy.start(() => Number(new URL(receiver.url()).port));
    await using nodes = new Nodes(`sqlite:${folder.path}/weft.db`);
    await nodes.start();
    await nodes.subscribe(`http://127.0.0.1:${proxy.port}/hook`, ["collection.*"]);
    await survives(nodes, receiver, proxy, weather);
  },
);

test.each(faults)(
  "a network that is %s between a fleet and Postgres causes refusals and delays, and loses no message",
  async (weather) => {
    await using postgres = await PostgresServer.start({ isDurable: true });
    await using receiver = await Receiver.start();
    await using proxy = await FaultyProxy.start(() => postgres.port);
    await using nodes = new Nodes(postgres.url(await postgres.database(), proxy.port));
    await nodes.startMany(2);
    await nodes.subscribe(receiver.url(), ["collection.*"]);
    await survives(nodes, receiver, proxy, weather);
  },
);

async function survives(nodes: Nodes, receiver: Receiver, proxy: FaultyProxy, weather: Weather): Promise<void> {
  const load = new Load(publishers, nodes.adminKey, () => nodes.urls);
  await load.moves();
  proxy.weather = weather;
  const before = proxy.hits;
  await until(`the network was ${weather} ${hitsMin} times`, () => proxy.hits >= before + hitsMin);
  proxy.weather = "clear";
  await load.moves();
  await load.stop();
  expect(nodes.deaths).toEqual([]);
  const { duplicates: _, ...rest } = await reconcile(load.accepted, receiver, nodes.api);
  expect(rest).toEqual({ lost: [], notStored: [], pending: 0 });
}
