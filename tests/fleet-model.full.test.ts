import { expect, test } from "vitest";
import type { Costs } from "../bench/fleet/costs.ts";
import { costsOf } from "../bench/fleet/costs.ts";
import { atShareOf, type Fleet, mostDeliveries, runFleet, whatSaturates } from "../bench/fleet/model.ts";
import { reported } from "../bench/results.ts";

const costs: Costs = {
  node: { perBatch: 0.3, perDelivery: 0.1 },
  primary: { perBatch: 0.4, perDelivery: 0.1 },
  walBytes: { perBatch: 500, perDelivery: 2_000 },
  look: 0.3,
};

function fleet(changes: Partial<Fleet> & { cores?: number } = {}): Fleet {
  const { cores = 16, ...rest } = changes;
  const primary = { cores, syncMs: 1, walBytesPerSecond: 500 * 2 ** 20 };
  return { nodes: 3, primary, costs, roundTripMs: 0.5, receiverMs: 20, seed: 1, ...rest };
}

test("more nodes never deliver less until the primary is saturated", () => {
  const most = [1, 2, 4, 8, 16].map((nodes) => mostDeliveries(fleet({ nodes })));
  for (const [index, { deliveriesPerSecond }] of most.entries()) {
    expect(deliveriesPerSecond).toBeGreaterThanOrEqual(most[index - 1]?.deliveriesPerSecond ?? 1);
  }
  expect(most[4]?.deliveriesPerSecond).toBeGreaterThan(8 * (most[0]?.deliveriesPerSecond ?? 0));
});

test("twice the cores deliver twice as much if the primary was saturated", () => {
  const [few, many] = [4, 8].map((cores) => mostDeliveries(fleet({ nodes: 60, cores })));
  if (few === undefined || many === undefined) throw new Error("Two fleets were run.");
  expect(whatSaturates(few)).toBe("primary CPU");
  expect(whatSaturates(many)).toBe("primary CPU");
  const times = many.deliveriesPerSecond / few.deliveriesPerSecond;
  expect(times).toBeGreaterThan(1.8);
  expect(times).toBeLessThan(2.2);
});

test("a WAL of half the speed delivers half as much if it was saturated", () => {
  const [fast, slow] = [40, 20].map((mebibytes) => {
    const primary = { cores: 64, syncMs: 1, walBytesPerSecond: mebibytes * 2 ** 20 };
    return mostDeliveries(fleet({ nodes: 30, primary }));
  });
  if (fast === undefined || slow === undefined) throw new Error("Two fleets were run.");
  expect(whatSaturates(slow)).toBe("WAL");
  expect(fast.deliveriesPerSecond / slow.deliveriesPerSecond).toBeCloseTo(2, 0);
});

test("idle nodes cost only their queries, and work without costs is no load", () => {
  const nothing = runFleet(fleet({ nodes: 100, cores: 1 }), { kind: "open", perSecond: 0 });
  expect(nothing.deliveriesPerSecond).toBe(0);
  expect(nothing.wal).toBe(0);
  expect(nothing.primaryCpu).toBeCloseTo(100 * 0.3 * ((2 / 3 + 1 + 0.5 + 4 + 0.8) / 1_000), 2);

  const free = { perBatch: 0, perDelivery: 0 };
  const withoutCosts: Costs = { node: free, primary: free, walBytes: free, look: 0 };
  const figures = runFleet(fleet({ costs: withoutCosts }), { kind: "open", perSecond: 1_000 });
  expect(figures.nodeCpu + figures.primaryCpu + figures.wal).toBe(0);
  expect(figures.deliveriesPerSecond).toBeGreaterThan(2_900);
});

test("a fleet at part of its capacity keeps up, and responds no sooner than a round trip and a sync take", () => {
  const most = mostDeliveries(fleet());
  const { deliveriesPerSecond, acceptMs } = atShareOf(most, 0.7, fleet());
  expect(deliveriesPerSecond / most.deliveriesPerSecond).toBeCloseTo(0.7, 1);
  expect(acceptMs.p50).toBeGreaterThan(1.5);
  expect(acceptMs.p99).toBeGreaterThan(acceptMs.p50);
});

test("a single event gets its response after its work, a round trip and a sync", () => {
  const { acceptMs } = runFleet(fleet({ nodes: 30 }), { kind: "open", perSecond: 2 });
  const [onNode, onPrimary, ofWal] = [0.3 + 0.1 / 2, 0.4 + 0.1 / 2, 0.003];
  expect(acceptMs.p50).toBeCloseTo(onNode + 0.5 + onPrimary + 1 + ofWal, 2);
});

test("a node delivers no more than its one thread has time for", () => {
  const slow: Costs = { ...costs, node: { perBatch: 0, perDelivery: 1 } };
  const most = mostDeliveries(fleet({ costs: slow, cores: 64 }));
  expect(whatSaturates(most)).toBe("node CPU");
  expect(most.deliveriesPerSecond).toBeGreaterThan(2_700);
  expect(most.deliveriesPerSecond).toBeLessThan(3_100);
});

test("one seed gives one result", () => {
  expect(mostDeliveries(fleet())).toEqual(mostDeliveries(fleet()));
});

test("the costs of a batch and of a delivery are recovered from two rates that were generated from them", () => {
  const made = [
    ["transactions, idle", 8],
    ["database CPU, idle", 4_000],
    ["node CPU, idle", 10_000],
    ["WAL, idle", 0],
    ...[
      { load: "200/s", rate: 200, batches: 2 },
      { load: "sustained", rate: 8_000, batches: 0.01 },
    ].flatMap(({ load, rate, batches }): [string, number][] => [
      [`rate, ${load}`, rate],
      [`transactions, ${load}`, batches + 8 / rate],
      [`database CPU, ${load}`, 400 * batches + 100 + 4_000 / rate],
      [`node CPU, ${load}`, 300 * batches + 90 + 10_000 / rate],
      [`WAL, ${load}`, 500 * batches + 2_000],
    ]),
  ] as const;
  const results = made.map(([metric, value]) => reported({ scenario: "cost", metric, value, unit: "" }));
  const found = costsOf(results);
  expect(found.primary.perBatch).toBeCloseTo(0.4, 2);
  expect(found.primary.perDelivery).toBeCloseTo(0.1, 2);
  expect(found.node.perBatch).toBeCloseTo(0.3, 2);
  expect(found.walBytes.perDelivery).toBeCloseTo(2_000, -1);
  expect(found.look).toBeCloseTo(0.5, 2);
});
