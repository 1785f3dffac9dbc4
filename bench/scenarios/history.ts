import type { SubscriptionId } from "../../packages/server/src/domain/id.ts";
import { eventRequests } from "../event-requests.ts";
import { type List, pageTimes } from "../list-pages.ts";
import { percentile } from "../percentile.ts";
import { atLeast, atMost, type Result, reported } from "../results.ts";
import { type Run, type Scenario, scaled, scaledWindow } from "../scenario.ts";
import { historyMs, historyTypes } from "../stored-history.ts";
import { measureThroughput, type Throughput } from "../throughput.ts";
import { storeHistory } from "../used-weft.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const messageCount = 10_000_000;
const window = { warmUpMs: 3_000, windowMs: 15_000 };
const rateFloor = 0.9;
const pageMsMax = 50;

/** A database after months of use, compared with an empty one: the rate, and every list of its API. */
export const history: Scenario = { name: "history", needs: [], isDefault: false, minutesMax: 40, run: measureHistory };

async function measureHistory(run: Run): Promise<Result[]> {
  const before = await measureEmpty(run);
  const { full, pages } = await measureFull(run);
  // Repeated, so that a machine that becomes slower or faster meanwhile is not mistaken for a slower or faster Weft.
  const after = await measureEmpty(run);
  const emptyPerSecond = (before.perSecond + after.perSecond) / 2;
  const emptyCpuMs = (before.cpuMsPerDelivery + after.cpuMsPerDelivery) / 2;
  const scenario = "history" as const;
  const stored = scaled(run, messageCount).toLocaleString("en");
  return [
    reported({ scenario, metric: "rate, empty", value: emptyPerSecond, unit: "events/s" }),
    reported({ scenario, metric: `rate, ${stored} messages`, value: full.perSecond, unit: "events/s" }),
    atLeast(rateFloor, {
      scenario,
      metric: "rate, of the empty",
      value: full.perSecond / emptyPerSecond,
      unit: "of 1",
    }),
    reported({
      scenario,
      metric: "CPU per event, to the empty",
      value: full.cpuMsPerDelivery / emptyCpuMs,
      unit: "times",
    }),
    ...pages.map(({ name, p99 }) =>
      atMost(pageMsMax, { scenario, metric: `page p99, ${name}`, value: p99, unit: "ms" }),
    ),
  ];
}

async function measureEmpty(run: Run): Promise<Throughput> {
  await using weft = await WeftUnderLoad.open(run);
  await weft.subscribe(0);
  return await measureRate(run, weft);
}

async function measureFull(run: Run) {
  await using weft = await WeftUnderLoad.open(run);
  const { installation } = weft;
  const { subscriptions, until } = await storeHistory(weft, scaled(run, messageCount));
  const pages: { name: string; p99: number }[] = [];
  for (const list of listsOf(subscriptions, until)) {
    pages.push({ name: list.name, p99: percentile(await pageTimes(installation, list), 0.99) });
  }
  return { full: await measureRate(run, weft), pages };
}

function measureRate(run: Run, weft: WeftUnderLoad): Promise<Throughput> {
  const requests = eventRequests({ key: weft.installation.adminKey, hooks: [0] });
  return measureThroughput(weft, requests, scaledWindow(run, window));
}

function listsOf(subscriptions: ReadonlyMap<string, SubscriptionId>, until: number): List[] {
  const common = subscriptions.get(historyTypes.common);
  const rare = subscriptions.get(historyTypes.rare);
  const since = new Date(until - historyMs / 2).toISOString();
  const aDayLater = new Date(until - historyMs / 2 + 86_400_000).toISOString();
  const messages = [
    "",
    `event_types=${historyTypes.common}`,
    `event_types=${historyTypes.rare}`,
    `event_types=${historyTypes.common}&event_types=${historyTypes.rare}`,
    `since=${since}&until=${aDayLater}`,
    "status=success",
    "status=failed",
    "status=pending",
    `subscription_id=${common}`,
    `subscription_id=${rare}`,
    `subscription_id=${common}&status=failed`,
    `subscription_id=${rare}&status=pending`,
  ];
  const attempts = ["", "status=success", "status=failed", "status=pending"];
  const things = ["/webhooks/subscriptions", "/organizations", "/api-keys", "/collections", "/source-connections"];
  const named = new Map([
    [String(common), "COMMON"],
    [String(rare), "RARE"],
    [since, "TIME"],
    [aDayLater, "TIME"],
  ]);
  function list(path: string, isHistory: boolean): List {
    const name = [...named].reduce((text, [value, word]) => text.replaceAll(value, word), path);
    return { name: name.replace("/webhooks", ""), path, isHistory };
  }
  return [
    ...messages.map((query) => list(`/webhooks/messages${query && `?${query}`}`, true)),
    ...[common, rare].flatMap((id) =>
      attempts.map((query) => list(`/webhooks/subscriptions/${id}/attempts${query && `?${query}`}`, true)),
    ),
    ...[common, rare].flatMap((id) => [
      list(`/webhooks/subscriptions/${id}`, false),
      list(`/webhooks/subscriptions/${id}/recoveries`, false),
    ]),
    ...things.map((path) => list(path, false)),
  ];
}
