import { expect, test } from "vitest";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { Load } from "./load.ts";
import { Nodes } from "./nodes.ts";
import { reconcile } from "./reconciliation.ts";

const publishers = 12;

test("Postgres restarted under load causes refusals and delays, and loses no message", async () => {
  await using postgres = await PostgresServer.start({ isDurable: true });
  await using receiver = await Receiver.start();
  await using nodes = new Nodes(postgres.url(await postgres.database()));
  await nodes.startMany(2);
  await nodes.subscribe(receiver.url(), ["collection.*"]);
  const load = new Load(publishers, nodes.adminKey, () => nodes.urls);
  await until("there is load", () => load.accepted.size > 200);
  await postgres.down("fast");
  await postgres.up();
  await load.moves();
  await load.stop();
  expect(await nodes.stopAll()).toEqual([0, 0]);
  await nodes.start();
  const { duplicates, ...rest } = await reconcile(load.accepted, receiver, nodes.api);
  expect(rest).toEqual({ lost: [], notStored: [], pending: 0 });
  expect(duplicates).toBe(0);
});
