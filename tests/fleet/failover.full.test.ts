import { expect, test } from "vitest";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { FaultyProxy } from "./faulty-proxy.ts";
import { callApi, Load, payload } from "./load.ts";
import { Nodes } from "./nodes.ts";
import { PostgresPair } from "./postgres-pair.ts";
import { reconcile, storedIds } from "./reconciliation.ts";

const publishers = 6;
const failovers = Number(process.env.WEFT_TEST_FAILOVERS ?? 10);
const acceptedBetween = 300;
const timeout = 180_000;

const nothingLost = { lost: [], notStored: [], pending: 0 };

/** Two nodes under load over a pair of servers. */
async function fleet(options: { isSynchronous: boolean; ports?: (pair: PostgresPair) => Promise<readonly number[]> }) {
  await using made = new AsyncDisposableStack();
  const pair = made.use(await PostgresPair.start(options));
  const ports = await options.ports?.(pair);
  const receiver = made.use(await Receiver.start());
  const nodes = made.use(new Nodes(pair.url(ports)));
  await nodes.startMany(2);
  await nodes.subscribe(receiver.url(), ["collection.*"]);
  const load = new Load(publishers, nodes.adminKey, () => nodes.urls);
  made.defer(() => load.stop());
  const resources = made.move();
  return {
    ...{ pair, receiver, nodes, load },
    /** Waits until this many more events were accepted. */
    accepts: async (count: number) => {
      const enough = load.accepted.size + count;
      await until(`${count} more events are accepted`, () => load.accepted.size >= enough);
    },
    /** Stops the load, and compares every accepted id with the messages and the webhooks. */
    reconcile: async () => {
      await load.stop();
      expect(nodes.deaths).toEqual([]);
      const { duplicates: _, ...rest } = await reconcile(load.accepted, receiver, nodes.api);
      return rest;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

test("a primary that is killed under load is replaced by its synchronous standby, and no accepted message is lost", {
  timeout: 60_000 + failovers * 60_000,
}, async () => {
  await using it = await fleet({ isSynchronous: true });
  const untilAcceptedMs: number[] = [];
  for (let count = 0; count < failovers; count++) {
    await it.accepts(acceptedBetween);
    await it.pair.primary.down("killed");
    await it.pair.failOver();
    const promotedAt = performance.now();
    await it.load.moves();
    untilAcceptedMs.push(Math.round(performance.now() - promotedAt));
    await it.accepts(acceptedBetween);
    await it.pair.addStandby();
  }
  expect(await it.reconcile()).toEqual(nothingLost);
  process.stdout.write(
    `${failovers} failovers, ${it.load.accepted.size} accepted events, 0 lost. From the end of each promotion to the ` +
      `first accepted event: ${untilAcceptedMs.join(", ")} ms.\n`,
  );
});

test("a primary that hangs with its connections open is replaced after the promotion, and no message is lost", {
  timeout,
}, async () => {
  await using it = await fleet({ isSynchronous: true });
  await it.accepts(acceptedBetween);
  const hung = it.pair.primary;
  hung.freeze(true);
  await it.pair.failOver();
  await it.accepts(acceptedBetween);
  // It continues where it was, and believes that it is the primary. No node returns to it.
  hung.freeze(false);
  await it.accepts(acceptedBetween);
  const connections = "select 1 from pg_stat_activity where application_name = 'weft' and state = 'idle'";
  expect(await hung.query(connections)).toEqual([]);
  expect(await it.reconcile()).toEqual(nothingLost);
});

test("a primary that the nodes cannot reach is replaced after the promotion, and stays replaced when it returns", {
  timeout,
}, async () => {
  const proxies: FaultyProxy[] = [];
  await using it = await fleet({
    isSynchronous: true,
    ports: async ({ primary, standby }) => {
      for (const { port } of [primary, standby]) proxies.push(await FaultyProxy.start(() => port));
      return proxies.map((proxy) => proxy.port);
    },
  });
  const [before] = proxies;
  if (before === undefined) throw new Error("No proxy was started.");
  await it.accepts(acceptedBetween);
  before.weather = "black hole";
  await it.pair.failOver();
  await it.accepts(acceptedBetween);
  before.weather = "clear";
  await it.accepts(acceptedBetween);
  // A node that starts now also selects the server that was promoted last.
  await it.nodes.start();
  await it.accepts(acceptedBetween);
  expect(await it.reconcile()).toEqual(nothingLost);
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
});

test("behind one stable name, nodes follow it to the new primary, and no message is lost", { timeout }, async () => {
  let target = 0;
  await using name = await FaultyProxy.start(() => target);
  await using it = await fleet({
    isSynchronous: true,
    ports: async ({ primary }) => {
      target = primary.port;
      return [name.port];
    },
  });
  await it.accepts(acceptedBetween);
  // Open connections still lead to the former primary, which is alive and believes that it is the primary.
  await it.pair.failOver();
  target = it.pair.primary.port;
  await it.accepts(acceptedBetween);
  expect(await it.reconcile()).toEqual(nothingLost);
});

test("while only a standby or a read-only primary responds, events are refused with 503 and a time to retry", {
  timeout,
}, async () => {
  await using it = await fleet({ isSynchronous: false });
  const { url, adminKey } = it.nodes.api;
  const publish = () => callApi(url, adminKey, "/events", { event_type: "collection.updated", payload });
  const isRefused = async () => {
    await until("events are refused", async () => (await publish()).status === 503);
    const response = await publish();
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ code: "unavailable" });
    expect((await callApi(url, adminKey, "/health/ready")).status).toBe(503);
  };
  await it.accepts(acceptedBetween);
  const { primary } = it.pair;
  await primary.query("alter system set default_transaction_read_only = on");
  await primary.query("select pg_reload_conf()");
  await isRefused();
  await primary.query("alter system reset default_transaction_read_only");
  await primary.query("select pg_reload_conf()");
  await it.accepts(acceptedBetween);
  await standbyHasEverything(it.pair);
  await it.load.stop();
  await primary.down("killed");
  await isRefused();
  await it.pair.failOver();
  const later = new Load(publishers, adminKey, () => it.nodes.urls);
  await later.moves();
  await later.stop();
  for (const id of later.accepted) it.load.accepted.add(id);
  expect(await it.reconcile()).toEqual(nothingLost);
});

test("with an asynchronous standby, exactly the events that it had not received are lost, and the nodes continue", {
  timeout,
}, async () => {
  await using it = await fleet({ isSynchronous: false });
  await it.accepts(acceptedBetween);
  await it.load.stop();
  await standbyHasEverything(it.pair);
  it.pair.replication.weather = "black hole";
  const unreceived = new Load(publishers, it.nodes.adminKey, () => it.nodes.urls);
  await until("events are accepted", () => unreceived.accepted.size >= acceptedBetween);
  await it.pair.primary.down("killed");
  await unreceived.stop();
  await it.pair.failOver();
  const later = new Load(publishers, it.nodes.adminKey, () => it.nodes.urls);
  await until("events are accepted again", () => later.accepted.size >= acceptedBetween);
  await later.stop();
  for (const id of later.accepted) it.load.accepted.add(id);
  expect(await it.reconcile()).toEqual(nothingLost);
  const stored = await storedIds(it.nodes.api);
  expect([...unreceived.accepted].filter((id) => stored.has(id))).toEqual([]);
});

test("an asynchronous standby that keeps up loses at most the last events before the kill", { timeout }, async () => {
  await using it = await fleet({ isSynchronous: false });
  await it.accepts(acceptedBetween);
  const known = new Set(it.load.accepted);
  await standbyHasEverything(it.pair);
  await it.accepts(acceptedBetween);
  await it.pair.primary.down("killed");
  await it.load.stop();
  await it.pair.failOver();
  const later = new Load(publishers, it.nodes.adminKey, () => it.nodes.urls);
  await later.moves();
  await later.stop();
  const stored = await storedIds(it.nodes.api);
  const lost = [...it.load.accepted].filter((id) => !stored.has(id));
  expect(lost.filter((id) => known.has(id))).toEqual([]);
  process.stdout.write(
    `With an asynchronous standby, ${lost.length} of ${it.load.accepted.size} accepted events were lost.\n`,
  );
});

/** Returns when the standby has the present writes of the primary on its disk. */
async function standbyHasEverything({ primary }: PostgresPair): Promise<void> {
  const [now] = await primary.query("select cast(pg_current_wal_lsn() as text) as position");
  const received = `select 1 from pg_stat_replication where flush_lsn >= '${now?.position}'`;
  await until("the standby has everything", async () => (await primary.query(received)).length > 0);
}
