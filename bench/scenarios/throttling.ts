import { Child } from "../child.ts";
import { eventRequests } from "../event-requests.ts";
import type { Overload, OverloadedReceiverQuestions } from "../overloaded-receiver.ts";
import { atLeast, atMost, type Result, reported } from "../results.ts";
import { type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const window = { warmUpMs: 10_000, windowMs: 15_000 };
/** More than any of the receivers accepts, so that a backlog always waits. */
const publishedPerSecond = 4_000;
const capacities = [20, 200, 1_000];
const restSeconds = 2;

/** Receivers that respond in 20 ms and are overloaded, each in its own way. */
export const throttling: Scenario = {
  name: "throttling",
  needs: [],
  isDefault: false,
  minutesMax: 8,
  // Refused deliveries are retried after the end of the run, so they cannot be reconciled.
  hasTraffic: false,
  run: measureThrottling,
};

async function measureThrottling(run: Run): Promise<Result[]> {
  const scenario = "throttling" as const;
  const unit = "requests/s";
  const free = await ratesAt(run, { kind: "share", share: 0 });
  const fifth = await ratesAt(run, { kind: "share", share: 0.2 });
  const none = await ratesAt(run, { kind: "share", share: 1 });
  const rests = await ratesAt(run, { kind: "rest", requests: 200, seconds: restSeconds });
  const results = [
    reported({ scenario, metric: "sent, no refusals", value: free.sent, unit }),
    reported({ scenario, metric: "sent, 20 % refused", value: fifth.sent, unit }),
    atLeast(0.5, { scenario, metric: "sent, 20 % refused to none", value: fifth.sent / free.sent, unit: "times" }),
    atMost(5, { scenario, metric: "sent, all refused", value: none.sent, unit }),
    atMost(0, { scenario, metric: "sent during the rest of a Retry-After", value: rests.early, unit: "requests" }),
  ];
  for (const perSecond of capacities) {
    const { sent, taken } = await ratesAt(run, { kind: "capacity", perSecond });
    const of = `a receiver that takes ${perSecond} a second`;
    results.push(
      atMost(1.2, { scenario, metric: `sent to ${of}`, value: sent / perSecond, unit: "times" }),
      atLeast(0.8, { scenario, metric: `taken by ${of}`, value: taken / perSecond, unit: "times" }),
    );
  }
  return results;
}

/** Requests a second after the rate has settled. */
async function ratesAt(run: Run, overload: Overload): Promise<{ sent: number; taken: number; early: number }> {
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  await using weft = await WeftUnderLoad.open(run, { hooks: 1 });
  await using receiver = new Child<OverloadedReceiverQuestions>({
    program: "overloaded-receiver.ts",
    signal: run.signal,
  });
  const port = await receiver.call("listen", overload);
  const client = weft.installation.client();
  await client.webhooks.createSubscription({
    url: `http://127.0.0.1:${port}/hook`,
    event_types: ["sync.completed"],
    retry_schedule: [86_400],
  });
  const requests = eventRequests({ key: weft.installation.adminKey, hooks: [] });
  await weft.start({ requests, perSecond: publishedPerSecond });
  await weft.rest(warmUpMs);
  const before = await receiver.call("counts");
  const beganAt = performance.now();
  await weft.rest(windowMs);
  const after = await receiver.call("counts");
  const seconds = (performance.now() - beganAt) / 1_000;
  return {
    sent: (after.sent - before.sent) / seconds,
    taken: (after.taken - before.taken) / seconds,
    early: after.early,
  };
}
