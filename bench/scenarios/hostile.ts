import type { Weft } from "../../packages/sdk/src/index.ts";
import type { OrganizationId } from "../../packages/server/src/domain/id.ts";
import { type DnsAnswer, DnsServer } from "../../packages/server/src/outbound/fixtures/dns-server.ts";
import { Child } from "../child.ts";
import { eventRequests } from "../event-requests.ts";
import type { AttackerQuestions } from "../hostile/attacker-process.ts";
import { type Attack, attacks, busyCore } from "../hostile/attacks.ts";
import { latenciesOf } from "../latencies.ts";
import { percentile } from "../percentile.ts";
import { atLeast, atMost, type Result, reported } from "../results.ts";
import { InvalidRunError, type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

/** With 2,000 events, one slow sync of the disk that delays a dozen of them does not move the 99th percentile. */
const window = { warmUpMs: 3_000, windowMs: 20_000 };
const settleMs = 10_000;
const neighbourPerSecond = 100;
const stallMsMax = 50;
const ratioMax = 1.5;
const mebibyte = 1024 * 1024;
const leftMebibytesMax = 100;

/** Attacks of one tenant, one after the other, each on a new Weft with a neighbour that publishes steadily. */
export const hostile: Scenario = {
  name: "hostile",
  needs: [],
  isDefault: false,
  minutesMax: 25,
  run: measureHostile,
};

async function measureHostile(run: Run): Promise<Result[]> {
  const scenario = "hostile" as const;
  const quiet = await withoutAttack(run);
  const results: Result[] = [
    reported({ scenario, metric: "due to receipt p99, no attack", value: quiet.p99Ms, unit: "ms" }),
    reported({ scenario, metric: "longest stall, no attack", value: quiet.stallMs, unit: "ms" }),
  ];
  const control = await neighbourBeside(run, busyCore);
  const ratio = ({ p99Ms }: NeighbourFigures) => p99Ms / quiet.p99Ms;
  results.push(
    reported({ scenario, metric: `p99 to no attack, ${busyCore.name}`, value: ratio(control), unit: "times" }),
    reported({ scenario, metric: `longest stall, ${busyCore.name}`, value: control.stallMs, unit: "ms" }),
  );
  for (const attack of attacks) {
    process.stderr.write(`  ${attack.name} …\n`);
    const { name } = attack;
    const beside = await neighbourBeside(run, attack).catch((error: unknown) => {
      run.signal.throwIfAborted();
      process.stderr.write(`  ${error instanceof Error ? error.message : String(error)}\n`);
      return null;
    });
    const served = { scenario, metric: `neighbour served, ${name}`, unit: "of 1" } as const;
    results.push(atLeast(1, { ...served, value: beside === null ? 0 : 1 }));
    if (beside === null) continue;
    const { stallMs, leftBytes, peakBytes } = beside;
    results.push(
      atMost(stallMsMax, { scenario, metric: `longest stall, ${name}`, value: stallMs, unit: "ms" }),
      atMost(ratioMax, { scenario, metric: `p99 to no attack, ${name}`, value: ratio(beside), unit: "times" }),
      atMost(leftMebibytesMax, { scenario, metric: `memory left, ${name}`, value: leftBytes / mebibyte, unit: "MiB" }),
      reported({ scenario, metric: `memory peak, ${name}`, value: peakBytes / mebibyte, unit: "MiB" }),
    );
  }
  return results;
}

/** The median of three runs: the attacks are compared with it, so it must not be an outlier. */
async function withoutAttack(run: Run): Promise<NeighbourFigures> {
  const runs: NeighbourFigures[] = [];
  for (let round = 0; round < 3; round++) runs.push(await neighbourBeside(run, null));
  const [, median = runs[0]] = runs.toSorted((a, b) => a.p99Ms - b.p99Ms);
  if (median === undefined) throw new Error("No run without an attack was measured.");
  return median;
}

/** The neighbour's receiver has a name, which must be resolved during the look-ups of the attacker. */
async function nameReceiver({ webhooks }: Weft): Promise<void> {
  for (const { id, url } of (await webhooks.listSubscriptions()).items) {
    await webhooks.updateSubscription(id, { url: url.replace("127.0.0.1", "neighbour.test") });
  }
}

function addressesOf(name: string): DnsAnswer {
  if (name === "neighbour.test") return { kind: "addresses", v4: ["127.0.0.1"], ttl: 1 };
  return { kind: name.endsWith(".slow.test") ? "silent" : "unknown" };
}

interface NeighbourFigures {
  /** From the due time of an event of the neighbour to its receipt. */
  readonly p99Ms: number;
  readonly stallMs: number;
  /** The growth since before the attack, some time after its end. */
  readonly leftBytes: number;
  readonly peakBytes: number;
}

async function neighbourBeside(run: Run, attack: Attack | null): Promise<NeighbourFigures> {
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  await using dns = await DnsServer.open(addressesOf);
  await using weft = await WeftUnderLoad.open(run, { dnsServer: dns.address });
  const { installation } = weft;
  const [neighbour] = await weft.createTenants(1);
  if (neighbour === undefined) throw new Error("The neighbour was not made.");
  await nameReceiver(installation.client(neighbour.organizationId));
  const requests = eventRequests({ key: neighbour.key, hooks: [0] });
  await weft.start({ requests, perSecond: neighbourPerSecond });
  await weft.rest(warmUpMs);
  const before = await installation.usage();
  await installation.watchLoop();
  const { id } = await installation.client().organizations.createOrganization({ name: "Attacker" });
  const [url = ""] = installation.urls;
  await using attacker = new Child<AttackerQuestions>({ program: "hostile/attacker-process.ts", signal: run.signal });
  if (attack !== null) {
    const settings = {
      url,
      adminKey: installation.adminKey,
      organizationId: id as OrganizationId,
      filesFolder: run.folder,
    };
    await attacker.call("begin", { attack: attack.name, ...settings });
  }
  await weft.rest(windowMs);
  await attacker.call("end").catch((error: unknown) => {
    throw new InvalidRunError(`${attack?.name} could not be tried: ${(error as Error).message}`);
  });
  const stallMs = await installation.longestStallMs();
  const { received } = await weft.traffic.finish();
  await weft.rest(attack === null ? 0 : settleMs);
  const after = await installation.usage();
  return {
    p99Ms: percentile(latenciesOf(received, { warmUpMs }).dueToReceiptMs, 0.99),
    stallMs,
    leftBytes: after.residentBytes - before.residentBytes,
    peakBytes: after.residentPeakBytes,
  };
}
